import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { bytesOf, type FuzzCase, readCase } from "./case.js";
import { type PoolOutcome, runPool } from "./pool.js";
import { readers } from "./readers.js";
import { type Format, formats, makeSeeds, type Seeds } from "./seeds.js";

let folder = "";
let seeds: Seeds;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-fuzz-test-"));
  seeds = await makeSeeds();
  return () => rm(folder, { recursive: true });
});

const names = Object.keys(formats) as Format[];

describe("fuzz", () => {
  it("starts from files that are read", async () => {
    for (const name of names) {
      for (const [i, bytes] of seeds[name].entries()) {
        const own = join(folder, `${name}-${i}`);
        await mkdir(own);
        await writeFile(join(own, formats[name]), bytes);
        await expect(readers[name](own, bytes), name).resolves.toBeUndefined();
      }
    }
  });

  // 20 files of each format, the same every time; `npm run fuzz` reads more, in processes that it may end.
  it.each(names)("changed and made-up files of the format %s are read or refused in a sentence", async (format) => {
    for (let index = 0; index < 20; index++) {
      const { kind, message } = await readCase({ format, seed: 7, index }, seeds, join(folder, "case"));
      expect(kind, `${format} ${index}: ${message}`).not.toBe("untyped");
    }
  });

  it("makes the same file of the same numbers, and others of others", () => {
    const each: FuzzCase = { format: "torch zip", seed: 1, index: 3 };
    expect(bytesOf(each, seeds)).toEqual(bytesOf({ ...each }, seeds));
    const all = new Set(Array.from({ length: 50 }, (_, index) => String(bytesOf({ ...each, index }, seeds))));
    expect(all.size).toBeGreaterThan(45);
  });
});

/** A worker that does to each file what its number says. */
const worker = `
process.on("message", ({ index }) => {
  if (index === 1) for (;;);
  if (index === 2) process.exit(9);
  const resident = index === 3 ? 2000 : 10;
  process.send({ outcome: { kind: index === 4 ? "untyped" : "read", message: "m" }, resident, milliseconds: 1 });
});
process.send("ready");
`;

describe("runPool", () => {
  it("notices files that hang, end the process, take too much memory or throw what has no type, and goes on", async () => {
    const path = join(folder, "worker.mjs");
    await writeFile(path, worker);
    const found = new Map<number, PoolOutcome["kind"]>();
    const cases = Array.from({ length: 8 }, (_, index): FuzzCase => ({ format: "png", seed: 1, index }));
    const options = { worker: path, workers: 2, limit: 1500, memory: 1024, folder };
    await runPool(cases, options, ({ index }, { kind }) => void found.set(index, kind));
    expect(Array.from({ length: 8 }, (_, index) => found.get(index))).toEqual([
      "read",
      "hang",
      "crash",
      "memory",
      "untyped",
      "read",
      "read",
      "read",
    ]);
  });
});
