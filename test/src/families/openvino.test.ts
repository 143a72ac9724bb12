import { createHash } from "node:crypto";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findLibrary } from "@ganymede/backend-openvino";
import { expect, test } from "vitest";
import { startCommand } from "../command/command-process.js";
import { tinyPresets, writeTinyData } from "../command/tiny-runs.js";

const absent = "reason" in (await findLibrary());

test.skipIf(absent)("a run on OpenVINO repeats and resumes bit for bit", async () => {
  const folder = await mkdtemp(join(tmpdir(), "ganymede-openvino-"));
  const data = await writeTinyData(folder);
  const train = async (out: string, steps: number, ...more: readonly string[]): Promise<void> => {
    const ends = ["--backend", "openvino", "--data", data, "--out", join(folder, out), "--steps", String(steps)];
    const command = startCommand(["train", "vitgan-tiny", ...ends, ...more], folder);
    expect(await command.ended, command.text("stderr")).toEqual({ code: 0, signal: null });
  };
  const digest = async (out: string): Promise<string> =>
    createHash("sha256")
      .update(await readFile(join(folder, out, "checkpoints", "step-000004.safetensors")))
      .digest("hex");
  const settings = [...tinyPresets["vitgan-tiny"], "--batch", "4"];
  await train("straight", 4, ...settings);
  await train("again", 4, ...settings);
  await train("resumed", 2, ...settings);
  await train("resumed", 4, "--resume");
  expect([await digest("again"), await digest("resumed")]).toEqual(Array(2).fill(await digest("straight")));
});
