import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { linearRunConfig } from "../fixtures/run-config.js";
import { checkpointWriter } from "./checkpoint-writer.js";
import { diskFiles } from "./files.js";
import { openNewestGood, runPaths, saveCheckpoint } from "./run-folder.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-writer-"));
  return () => rm(folder, { recursive: true });
});

const config = linearRunConfig;

const entriesOf = (values: Float32Array) => [
  { name: "average.w", shape: [values.length], dtype: "F32" as const, read: async () => values },
  { name: "step", shape: [], dtype: "I32" as const, read: async () => Int32Array.of(7) },
];

describe.each([
  ["a thread of its own", 0],
  ["this thread", Number.POSITIVE_INFINITY],
])("a checkpoint that %s writes", (_, threadFrom) => {
  const open = (files = diskFiles) => checkpointWriter(files, folder, { threadFrom });

  it("is the file that saveCheckpoint writes", async () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => i / 7);
    const options = { step: 3, config, keep: 2 };
    await saveCheckpoint(diskFiles, join(folder, "plain"), { ...options, entries: entriesOf(values.slice()) });
    const writer = open();
    const { written } = await writer.save({ ...options, entries: entriesOf(values) });
    await written;
    values.fill(-1);
    const wanted = await readFile(runPaths.checkpoint(join(folder, "plain"), 3));
    expect(Buffer.compare(await readFile(runPaths.checkpoint(folder, 3)), wanted)).toBe(0);
    // The memory of the copy is used again.
    for (const step of [4, 5, 6]) {
      await (await writer.save({ ...options, step, entries: entriesOf(Float32Array.from(values).fill(step)) })).written;
    }
    await writer.close();
    expect((await readdir(join(folder, "checkpoints"))).sort()).toEqual([
      "step-000005.safetensors",
      "step-000006.safetensors",
    ]);
    const { tensors } = await openNewestGood(folder, () => undefined);
    expect(new Set((await tensors.get("average.w")?.read()) as Float32Array)).toEqual(new Set([6]));
    expect(Array.from((await tensors.get("step")?.read()) ?? [])).toEqual([7]);
  });

  it("fails in the same sentence, once, and leaves what was saved before", async () => {
    const writer = open();
    const save = (step: number, value: number) =>
      writer.save({ step, config, keep: 2, entries: entriesOf(Float32Array.of(value)) });
    await (await save(1, 1)).written;
    const written = (step: number, value: number) => save(step, value).then((saving) => saving.written);
    await expect(written(2, Number.NaN)).rejects.toMatchObject({
      code: "non-finite",
      message: expect.stringMatching(
        /^train: every weight must be finite, but "average.w" is not after step 2; the last good checkpoint is/,
      ),
    });
    await (await save(3, 1)).written;
    await rm(join(folder, "checkpoints"), { recursive: true });
    await writeFile(join(folder, "checkpoints"), "a file");
    await expect(written(4, 1)).rejects.toMatchObject({ code: "file-system" });
    await rm(join(folder, "checkpoints"));
    await (await save(5, 1)).written;
    await writer.close();
    expect(await readdir(join(folder, "checkpoints"))).toEqual(["step-000005.safetensors"]);
  });

  it("waits for the one before, and close waits for the last", async () => {
    const writer = open();
    let before = "under way";
    const first = await writer.save({ step: 1, config, keep: 2, entries: entriesOf(new Float32Array(100_000)) });
    const over = first.written.then(() => {
      before = "written";
    });
    await writer.save({ step: 2, config, keep: 2, entries: entriesOf(new Float32Array(100_000)) });
    expect(before).toBe("written");
    await writer.close();
    await over;
    expect((await openNewestGood(folder, () => undefined)).step).toBe(2);
  });
});

it("is whole or absent when the process is killed in the middle of the write", async () => {
  await mkdir(join(folder, "checkpoints"));
  const writerUrl = pathToFileURL(join(import.meta.dirname, "../../dist/node/checkpoint-writer.js")).href;
  const filesUrl = pathToFileURL(join(import.meta.dirname, "../../dist/node/files.js")).href;
  const script = `
    const { checkpointWriter } = await import(${JSON.stringify(writerUrl)});
    const { diskFiles } = await import(${JSON.stringify(filesUrl)});
    const writer = checkpointWriter(diskFiles, ${JSON.stringify(folder)}, {});
    for (let step = 1; ; step++) {
      const values = new Float32Array(2 ** 23).fill(step);
      const entries = [{ name: "average.w", shape: [values.length], dtype: "F32", read: async () => values }];
      const { written } = await writer.save({ step, config: ${JSON.stringify(config)}, keep: 2, entries });
      process.stdout.write("saving ");
      await written;
    }`;
  for (const delay of [5, 20, 60]) {
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "exit");
    let said = "";
    while (said.split(" ").length < 4) said += String((await once(child.stdout, "data"))[0]);
    await sleep(delay);
    child.kill("SIGKILL");
    await ended;
    const { step, tensors } = await openNewestGood(folder, (note) => expect.unreachable(note));
    const values = Array.from((await tensors.get("average.w")?.read()) ?? []);
    expect(values.length).toBe(2 ** 23);
    expect(new Set(values)).toEqual(new Set([step]));
    const names = await readdir(join(folder, "checkpoints"));
    expect(names.every((name) => /^step-\d+\.safetensors(\.\d+\.tmp)?$/.test(name))).toBe(true);
  }
});
