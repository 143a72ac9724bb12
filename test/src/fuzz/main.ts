import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bytesOf, type FuzzCase } from "./case.js";
import { type PoolOutcome, runPool } from "./pool.js";
import { type Format, formats, makeSeeds } from "./seeds.js";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "20000" },
    seed: { type: "string", default: "1" },
    workers: { type: "string", default: String(Math.min(4, availableParallelism())) },
    format: { type: "string", multiple: true },
    out: { type: "string", default: "fuzz-findings" },
  },
});
const names = Object.keys(formats) as Format[];
const wanted = values.format === undefined ? names : names.filter((name) => values.format?.includes(name));
const [files, seed, workers] = [Number(values.files), Number(values.seed), Number(values.workers)];
if (wanted.length === 0 || ![files, seed, workers].every((value) => Number.isSafeInteger(value) && value >= 0)) {
  process.stderr.write(
    `fuzz: --files, --seed and --workers must be whole numbers and --format one of ${names.join(", ")}; check them\n`,
  );
  process.exit(2);
}

function* cases(): Generator<FuzzCase> {
  for (let i = 0; i < files; i++) {
    yield { format: wanted[i % wanted.length] as Format, seed, index: Math.floor(i / wanted.length) };
  }
}

interface Row {
  files: number;
  read: number;
  refused: number;
  /** Anything else. */
  found: number;
  slowest: number;
  resident: number;
}
const rows = new Map(
  wanted.map((name): [Format, Row] => [name, { files: 0, read: 0, refused: 0, found: 0, slowest: 0, resident: 0 }]),
);
const seeds = await makeSeeds();
const kinds = new Map<PoolOutcome["kind"], number>();

async function record(each: FuzzCase, { kind, message, resident, milliseconds }: PoolOutcome): Promise<void> {
  const row = rows.get(each.format) as Row;
  row.files += 1;
  row.slowest = Math.max(row.slowest, milliseconds);
  row.resident = Math.max(row.resident, resident);
  kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  if (kind === "read" || kind === "refused") {
    row[kind] += 1;
    return;
  }
  row.found += 1;
  await mkdir(values.out, { recursive: true });
  const path = join(values.out, `${each.format.replaceAll(" ", "-")}-${seed}-${each.index}-${formats[each.format]}`);
  await writeFile(path, bytesOf(each, seeds));
  process.stderr.write(`${kind}: ${resolve(path)}\n  ${message.split("\n").slice(0, 4).join("\n  ")}\n`);
}

const folder = await mkdtemp(join(tmpdir(), "ganymede-fuzz-"));
const worker = fileURLToPath(new URL("./worker.js", import.meta.url));
try {
  await runPool(cases(), { worker, workers, limit: 10_000, memory: 1024, folder }, record);
} finally {
  await rm(folder, { recursive: true, force: true });
}

const lines = [...rows].map(([name, row]) =>
  [row.files, row.read, row.refused, row.found, row.slowest.toFixed(0), row.resident.toFixed(0)]
    .map((value) => String(value).padStart(9))
    .join("")
    .replace(/^/, name.padEnd(18)),
);
const head = ["files", "read", "refused", "findings", "most ms", "MiB"].map((title) => title.padStart(9)).join("");
const count = (kind: PoolOutcome["kind"]): number => kinds.get(kind) ?? 0;
const peak = Math.max(...[...rows.values()].map((row) => row.resident));
process.stdout.write(
  `${["".padEnd(18) + head, ...lines].join("\n")}\n${files} files from seed ${seed}: ${count("untyped")} untyped errors, ${count("hang")} hangs, ${count("crash")} crashes, ${count("memory")} beyond memory, at most ${peak.toFixed(0)} MiB resident\n`,
);
process.exitCode = [...rows.values()].some((row) => row.found > 0) ? 1 : 0;
