import { parseArgs } from "node:util";
import { machine } from "./machine.js";
import { table } from "./print.js";
import type { Comparison } from "./rounds.js";

type Bench = (rounds: number, log: (text: string) => void) => Promise<Comparison[]>;

interface Options {
  readonly preset: string | undefined;
  readonly batch: number;
  readonly threads: number | undefined;
  readonly against: readonly string[] | undefined;
  readonly software: boolean;
}

const largePreset = "vitgan-cifar10";
const smallPresets = ["sagan-tiny", "transgan-tiny", "gansformer-tiny", "skinny-tiny", "vitgan-tiny"];

function iterations(presets: readonly string[]): (options: Options) => Promise<Bench> {
  return async (options) => {
    const { benchIterations } = await import("./iterations.js");
    const chosen = options.preset === undefined ? presets : [options.preset];
    return (rounds, log) => benchIterations(chosen, rounds, log, options);
  };
}

/** Benches by name, loaded on demand. */
const benches: Readonly<Record<string, (options: Options) => Promise<Bench>>> = {
  step: iterations([largePreset]),
  families: iterations(smallPresets),
  eager: async ({ preset = largePreset }) => {
    const { benchEager } = await import("./iterations.js");
    return (rounds, log) => benchEager(rounds, log, preset);
  },
  products: async () => (await import("./operators.js")).benchProducts,
  convolution: async () => (await import("./operators.js")).benchConvolution,
  inception: async () => (await import("./operators.js")).benchInception,
};

/** Benches that only run where they are named. */
const onRequest: typeof benches = {
  gpu: async ({ preset = largePreset, batch, software }) => {
    const { benchGpu } = await import("./gpu.js");
    return (rounds, log) => benchGpu(rounds, log, { preset, batch, software });
  },
};

const help = `npm run bench -- [name ...] [--preset name] [--batch 32] [--threads n] [--against peer,...] [--rounds 7] [--json]

Names: ${Object.keys(benches).join(", ")}; all where none is given.
\`step\` is a training iteration of ${largePreset}, \`families\` of ${smallPresets.join(", ")}; --preset names another.
--against takes some of the peers: eager, compile, autocast, bf16-products (all PyTorch), jax, jax-bf16.
\`npm run bench -- gpu [--software]\` for a training iteration on the GPU.
\`npm run bench -- checkpoint\` for how long training waits for a checkpoint.
\`npm run bench -- attention --help\` for every variant of attention against tokens.
Ratios are ours / theirs, medians over alternating rounds in one run; below 1 we are faster.
Set GANYMEDE_PYTHON to a Python that can import torch or jax.`;

async function main(): Promise<void> {
  if (process.argv[2] === "attention") return (await import("./attention/main.js")).main(process.argv.slice(3));
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      rounds: { type: "string", default: "7" },
      preset: { type: "string" },
      batch: { type: "string", default: "32" },
      threads: { type: "string" },
      against: { type: "string" },
      software: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const options: Options = {
    preset: values.preset,
    batch: Number(values.batch),
    threads: values.threads === undefined ? undefined : Number(values.threads),
    against: values.against?.split(","),
    software: values.software,
  };
  const known = { ...benches, ...onRequest };
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
    const bench = await known[name]!(options);
    for (const row of await bench(Number(values.rounds), (text) => console.error(text))) {
      rows.push(row);
      if (values.json) console.log(JSON.stringify({ ...row, machine: machine() }));
    }
  }
  if (!values.json) console.log(`${table(rows)}\n\n${machine()}`);
}

await main();
