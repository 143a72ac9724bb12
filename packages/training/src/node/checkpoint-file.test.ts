import { mkdir, mkdtemp, open, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import { linearRunConfig } from "../fixtures/run-config.js";
import { writeBest } from "./best-checkpoint.js";
import { diskFiles } from "./files.js";
import { checkpointSteps, openCheckpoint, openNewestGood, runPaths, saveCheckpoint } from "./run-folder.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-checkpoint-"));
  return () => rm(folder, { recursive: true });
});

const config = linearRunConfig;

const entry = (name: string, values: Float32Array) => ({
  name,
  shape: [values.length],
  dtype: "F32" as const,
  read: async () => values,
});

describe("checkpoint files", () => {
  it("are opened above 2 GiB, and read tensor by tensor", async ({ skip }) => {
    const gap = 3 * 2 ** 30;
    const path = runPaths.checkpoint(folder, 1);
    const header = JSON.stringify({
      __metadata__: { format: "ganymede-1", step: "1", config: JSON.stringify(config) },
      "average.large": { dtype: "F32", shape: [gap / 4], data_offsets: [0, gap] },
      step: { dtype: "F32", shape: [1], data_offsets: [gap, gap + 4] },
      checksums: { dtype: "U8", shape: [12], data_offsets: [gap + 4, gap + 16] },
    });
    const one = new Uint8Array(Float32Array.of(1).buffer);
    const checksums = Uint32Array.of(crc32(`1 ${JSON.stringify(config)}`), 0, crc32(one));
    await mkdir(dirname(path));
    const handle = await open(path, "w");
    try {
      const length = new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer);
      await handle.write(length);
      await handle.write(header);
      await handle.write(one, 0, 4, 8 + header.length + gap);
      await handle.write(new Uint8Array(checksums.buffer), 0, 12, 8 + header.length + gap + 4);
      if ((await handle.stat()).blocks * 512 > 2 ** 24) skip("the temporary folder holds no sparse file of 3 GiB");
    } finally {
      await handle.close();
    }
    const { step, tensors } = await openCheckpoint(folder);
    expect([step, tensors.get("average.large")?.shape]).toEqual([1, [gap / 4]]);
    expect(await tensors.get("step")?.read()).toEqual(Float32Array.of(1));
  });

  it("are written one array at a time", async () => {
    let held = 0;
    let most = 0;
    const entries = Array.from({ length: 8 }, (_, i) => ({
      ...entry(`a${i}`, Float32Array.of(i)),
      async read() {
        most = Math.max(most, ++held);
        // The next array is asked for only when this one is on the disk.
        return Promise.resolve(Float32Array.of(i)).finally(() => setImmediate(() => held--));
      },
    }));
    const path = await saveCheckpoint(diskFiles, folder, { step: 3, entries, config, keep: 1 });
    expect(most).toBeLessThanOrEqual(2);
    const { tensors } = await openCheckpoint(path);
    expect(await tensors.get("a7")?.read()).toEqual(Float32Array.of(7));
  });

  it("are refused where a bit of any tensor, or of the configuration, is another one", async () => {
    const values = { a: Float32Array.of(1, 2, 3), b: Int32Array.of(4) };
    const entries = [
      entry("a", values.a),
      { name: "b", shape: [1], dtype: "I32" as const, read: async () => values.b },
    ];
    const path = await saveCheckpoint(diskFiles, folder, { step: 3, entries, config, keep: 1 });
    const good = await readFile(path);
    const readAll = async () => {
      const { tensors } = await openCheckpoint(path);
      return new Map(await Promise.all([...tensors].map(async ([name, { read }]) => [name, await read()] as const)));
    };
    expect(await readAll()).toEqual(new Map(Object.entries(values)));
    const seed = good.indexOf('\\"seed\\":1');
    for (const [at, message] of [
      [good.length - 12 - 16, /"a" must match its checksum.*use another checkpoint/],
      [good.length - 12 - 1, /"b" must match its checksum/],
      [good.length - 1, /must match its checksum/],
      [seed + 9, /the configuration must match its checksum/],
    ] as const) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] as number) ^ 1;
      await writeFile(path, bad);
      await expect(readAll()).rejects.toThrow(message);
    }
  });

  it("are passed over where they are damaged, with a warning, and the best one is kept beside the last", async () => {
    const save = (step: number) => {
      const entries = [entry("average.w", Float32Array.of(step)), entry("generator.w", Float32Array.of(1))];
      return saveCheckpoint(diskFiles, folder, { step, entries, config, keep: 2 });
    };
    await save(1);
    await writeBest(diskFiles, folder, { step: 1, metric: "swd", value: 3 });
    for (const step of [2, 3]) await save(step);
    const last = await save(4);
    expect(await checkpointSteps(folder)).toEqual([1, 3, 4]);
    const good = await readFile(last);
    const bad = Buffer.from(good);
    bad[good.indexOf(Buffer.from(Float32Array.of(4).buffer))] = 1;
    await writeFile(last, bad);
    const notes: string[] = [];
    expect((await openNewestGood(folder, (text) => notes.push(text))).step).toBe(3);
    expect(notes).toEqual([expect.stringMatching(/^Warning: .*step-000004.*"average\.w".*; using step 3 instead$/)]);
    // Sampling asks for the average alone.
    expect(
      (
        await openNewestGood(
          folder,
          () => undefined,
          (name) => name === "generator.w",
        )
      ).step,
    ).toBe(4);
    for (const step of [1, 3]) await writeFile(runPaths.checkpoint(folder, step), "x");
    await expect(openNewestGood(folder, () => undefined)).rejects.toMatchObject({ code: "invalid-checkpoint" });
  });

  it("are not replaced by a state that is not finite, nor by one whose values cannot be fetched", async () => {
    const path = await saveCheckpoint(diskFiles, folder, {
      step: 1,
      entries: [entry("a", Float32Array.of(1))],
      config,
      keep: 1,
    });
    const before = await readFile(path);
    const failing = { ...entry("a", Float32Array.of(1)), read: () => Promise.reject(new Error("the device is gone")) };
    const lost = entry("a", Float32Array.of(Number.POSITIVE_INFINITY));
    for (const [broken, message] of [
      [lost, /every weight must be finite, but "a" is not after step 1; the last good/],
      [failing, /^the device is gone$/],
    ] as const) {
      const saving = saveCheckpoint(diskFiles, folder, { step: 1, entries: [broken], config, keep: 1 });
      await expect(saving).rejects.toThrowError(message);
      expect(await readdir(dirname(path))).toEqual(["step-000001.safetensors"]);
      expect(await readFile(path)).toEqual(before);
    }
  });
});
