import { parseArgs } from "node:util";
import { table } from "./print.js";
import type { Comparison } from "./rounds.js";

type Bench = (rounds: number, log: (text: string) => void) => Promise<Comparison[]>;

/** Benches by name, loaded on demand. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  step: async () => (await import("./step.js")).benchStep,
  families: async () => (await import("./families.js")).benchFamilies,
  products: async () => (await import("./operators.js")).benchProducts,
  convolution: async () => (await import("./operators.js")).benchConvolution,
  inception: async () => (await import("./operators.js")).benchInception,
};

const gpuDefaults = { preset: "vitgan-cifar10", batch: "32" };

const help = `npm run bench -- [name ...] [--rounds n] [--json]

Names: ${Object.keys(benches).join(", ")}; all where none is given.
\`npm run bench -- gpu [--preset ${gpuDefaults.preset}] [--batch ${gpuDefaults.batch}] [--software]\` for a training iteration on the GPU.
\`npm run bench -- checkpoint [--batch ${gpuDefaults.batch}]\` for how long training waits for a checkpoint.
\`npm run bench -- attention --help\` for every variant of attention against tokens.
Ratios are ours / theirs, medians over alternating rounds in one run; below 1 we are faster.
Set GANYMEDE_PYTHON to a Python that can import torch.`;

async function main(): Promise<void> {
  if (process.argv[2] === "attention") return (await import("./attention/main.js")).main(process.argv.slice(3));
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string", default: "7" },
      preset: { type: "string", default: gpuDefaults.preset },
      batch: { type: "string", default: gpuDefaults.batch },
      software: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const gpu: () => Promise<Bench> = async () => {
    const { benchGpu } = await import("./gpu.js");
    const { preset, batch, software } = values;
    return (rounds, log) => benchGpu(rounds, log, { preset, batch: Number(batch), software });
  };
  const known: typeof benches = { ...benches, gpu };
  const unknown = positionals.find((name) => name !== "checkpoint" && known[name] === undefined);
  if (values.help || unknown !== undefined) {
    console.log(unknown === undefined ? help : `bench: no bench is called "${unknown}"\n\n${help}`);
    process.exitCode = unknown === undefined ? 0 : 2;
    return;
  }
  if (positionals.includes("checkpoint")) {
    return (await import("./checkpoint.js")).benchCheckpoint(Number(values.rounds), Number(values.batch), console.log);
  }
  const names = positionals.length > 0 ? positionals : Object.keys(benches);
  const rows: Comparison[] = [];
  for (const name of names) {
    const bench = await known[name]!();
    for (const row of await bench(Number(values.rounds), (text) => console.error(text))) {
      rows.push(row);
      if (values.json) console.log(JSON.stringify(row));
    }
  }
  if (!values.json) console.log(table(rows));
}

await main();
