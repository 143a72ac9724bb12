import { mkdir, mkdtemp, open, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import type { RunConfig } from "../run/run-config.js";
import { diskFiles } from "./files.js";
import { openCheckpoint, runPaths, saveCheckpoint } from "./run-folder.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-checkpoint-"));
  return () => rm(folder, { recursive: true });
});

const config: RunConfig = {
  format: 1,
  family: "toy",
  preset: "toy-small",
  model: {},
  training: {
    batch: 4,
    optimizer: { generator: "adam", discriminator: "adam" },
    loss: "non-saturating",
    ema: { halfLifeImages: 50, rampUp: 0.05, startImages: 0 },
    mirror: true,
  },
  data: null,
  seed: 1,
  backend: { id: "cpu", device: "cpu" },
  every: { log: 1, sample: 1, checkpoint: 1 },
  plugins: [],
  changes: [],
  versions: { "@ganymede/core": "0.0.0" },
};

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
    });
    await mkdir(dirname(path));
    const handle = await open(path, "w");
    try {
      const length = new Uint8Array(BigUint64Array.of(BigInt(header.length)).buffer);
      await handle.write(length);
      await handle.write(header);
      await handle.write(new Uint8Array(Float32Array.of(1).buffer), 0, 4, 8 + header.length + gap);
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
