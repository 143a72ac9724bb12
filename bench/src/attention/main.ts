import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { findPython } from "../peers.js";
import { casesOf, nameOf } from "./cases.js";
import { charts } from "./charts.js";
import type { DepthRow, VariantRow } from "./rows.js";
import { depthTable, limitsCaption, variantTable } from "./rows.js";
import type { Program } from "./run-process.js";
import { runProcess } from "./run-process.js";
import type { Limits } from "./settings.js";
import { writeDocs } from "./write-docs.js";

const help = `npm run bench -- attention [options]

Every variant of attention, forward and backward, against tokens: milliseconds / megabytes / GFLOP. One sample, 4 heads of width 64;
each in a process of its own. Then reversible against ordinary blocks by depth. PyTorch's forms where GANYMEDE_PYTHON can import torch.

  --variants a,b    those alone, without the blocks by depth
  --tokens a,b      squares (64,256,1024,4096,16384)
  --depths a,b      numbers of blocks (1,4,16)
  --rounds n        timed runs, whose median counts (3)
  --seconds n       no more runs are begun after this long (3)
  --megabytes n     peak of a process (6144)
  --limit n         seconds of a process in all (90)
  --docs folder     write the tables into attention.md there, and the picture into images (SVG and PNG)
  --json            a line of JSON for each measurement`;

const numbers = (list: string): number[] =>
  list.split(",").map((text) => {
    const value = Number(text);
    if (!(Number.isInteger(value) && value > 0))
      throw new Error(`bench: numbers must be whole and above 0, got ${text}`);
    return value;
  });

function options(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      variants: { type: "string" },
      tokens: { type: "string", default: "64,256,1024,4096,16384" },
      depths: { type: "string", default: "1,4,16" },
      rounds: { type: "string", default: "3" },
      seconds: { type: "string", default: "3" },
      megabytes: { type: "string", default: "6144" },
      limit: { type: "string", default: "90" },
      docs: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const [rounds, seconds, megabytes, limit] = [values.rounds, values.seconds, values.megabytes, values.limit].map(
    (text) => numbers(text)[0]!,
  ) as [number, number, number, number];
  const limits: Limits = { threads: availableParallelism(), rounds, seconds, megabytes };
  return { ...values, limits, limit, variants: values.variants?.split(","), tokens: numbers(values.tokens) };
}

type Options = ReturnType<typeof options>;
type Log = (row: VariantRow | DepthRow) => void;

const sizes = { channels: 256, heads: 4 };

/** Sizes in their order: where one was above a limit, larger ones are not tried. */
async function measureVariants({ variants, tokens, limits, limit }: Options, log: Log): Promise<VariantRow[]> {
  const python = findPython("torch");
  const rows: VariantRow[] = [];
  for (const each of casesOf(variants, python !== undefined)) {
    const program: Program =
      each.engine === "onnx" ? { node: "variant-worker.js" } : { python: python as string, file: "attention.py" };
    let passed: string | undefined;
    for (const count of tokens) {
      const settings = { ...limits, ...sizes, memoryTokens: 16, variant: each.variant, tokens: count };
      const answer = passed === undefined ? await runProcess(program, settings, limit) : { reason: passed };
      if ("reason" in answer && answer.reason.startsWith("above")) passed = answer.reason;
      rows.push({ ...each, tokens: count, answer });
      log(rows.at(-1)!);
    }
  }
  return rows;
}

async function measureDepths({ depths, limits, limit }: Options, log: Log): Promise<DepthRow[]> {
  const rows: DepthRow[] = [];
  for (const tokens of [64, 1024]) {
    for (const form of ["ordinary", "reversible"] as const) {
      for (const depth of numbers(depths)) {
        const settings = { ...limits, ...sizes, form, depth, tokens };
        rows.push({ form, depth, tokens, answer: await runProcess({ node: "depth-worker.js" }, settings, limit) });
        log(rows.at(-1)!);
      }
    }
  }
  return rows;
}

/** The bench of attention, from its arguments. */
export async function main(args: readonly string[]): Promise<void> {
  const chosen = options(args);
  if (chosen.help) return console.log(help);
  const log: Log = (row) => (chosen.json ? console.log : console.error)(JSON.stringify(row));
  const rows = await measureVariants(chosen, log);
  const depths = chosen.variants === undefined ? await measureDepths(chosen, log) : [];
  const tables = {
    "bench-attention": `${limitsCaption(chosen.limits, chosen.limit)}\n\n${variantTable(rows, nameOf)}`,
    ...(depths.length > 0 ? { "bench-depth": depthTable(depths) } : {}),
  };
  if (!chosen.json) console.log(Object.values(tables).join("\n\n"));
  if (chosen.docs !== undefined) await writeDocs(chosen.docs, tables, charts(rows, nameOf));
}
