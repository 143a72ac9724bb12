import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ParamTree } from "@ganymede/core";
import { createRegistry, disposeTree, key } from "@ganymede/core";
import { decodeSafetensors, treeEntries } from "@ganymede/core/checkpoint";
import type { RunConfig } from "@ganymede/training";
import { createModel, createTrainStep, resolveModel } from "@ganymede/training";
import { diskFiles, openCheckpoint, saveCheckpoint, writeRunConfig } from "@ganymede/training/node";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { builtInPlugins } from "../built-in-plugins.js";
import { installedVersions } from "../config/versions.js";
import type { TestCommand } from "../fixtures/test-context.js";
import { testCommand } from "../fixtures/test-context.js";
import { authorsRules } from "../run/import-networks.js";

let command: TestCommand;
beforeAll(async () => {
  command = await testCommand({ builtIn: async () => builtInPlugins() });
  await tf.setBackend("cpu");
});

/** The checkpoint of a run that was never trained. */
async function freshRun(preset: string): Promise<RunConfig> {
  const registry = createRegistry(await builtInPlugins());
  const choice = resolveModel(registry, preset, []);
  const model = createModel(registry, choice);
  const train = createTrainStep<ParamTree, ParamTree>(model, choice.training, registry);
  const state = train.init(key(3));
  const config: RunConfig = {
    format: 1,
    ...choice,
    data: null,
    seed: 3,
    backend: { id: "cpu", device: "cpu" },
    every: { log: 1, sample: 1, checkpoint: 1 },
    plugins: [],
    changes: [],
    versions: installedVersions(),
  };
  const out = join(command.cwd, preset);
  await writeRunConfig(diskFiles, out, config);
  await saveCheckpoint(diskFiles, out, { step: 0, entries: treeEntries(state), config, keep: 1 });
  disposeTree(state);
  return config;
}

const tensorsOf = async (run: string) => (await openCheckpoint(join(command.cwd, run))).tensors;

describe.each(["vitgan-tiny", "sagan-tiny", "transgan-tiny", "gansformer-tiny", "skinny-tiny"])("%s", (preset) => {
  let config: RunConfig;
  beforeAll(async () => {
    config = await freshRun(preset);
  });

  it.each([
    ["generator", "ours"],
    ["discriminator", "ours"],
    ["average", "chosen"],
    ["generator", "chosen"],
    ["discriminator", "chosen"],
  ] as const)("comes back from a file of its %s under names that are %s", async (network, names) => {
    const side = network === "discriminator" ? "discriminator" : "generator";
    const { weights } = createRegistry(await builtInPlugins()).get("models", config.family);
    const authors = names === "ours" ? null : authorsRules(weights, side, config.model);
    const file = `${preset}-${network}-${names}.safetensors`;
    const given = names === "ours" ? ["--names", "ours"] : [];
    const out = `${file}-run`;
    expect(
      await command.run("export", preset, "--network", network, ...given, "--out", file),
      command.notes.at(-1),
    ).toBe(0);
    const { tensors, metadata } = decodeSafetensors(await readFile(join(command.cwd, file)), file);
    expect(metadata).toMatchObject({ family: config.family, preset, network });
    expect(
      await command.run("import", preset, file, "--out", out, "--seed", "9", "--backend", "cpu"),
      command.notes.at(-1),
    ).toBe(0);
    const [before, after] = [await tensorsOf(preset), await tensorsOf(out)];
    // What the authors' files do not hold (`absent`) starts anew.
    const kept = authors?.rules.map(({ vectors, ours }) => `${vectors ? `${side}WeightState` : network}.${ours}`);
    const compared =
      kept ??
      [...before.keys()].filter((name) => name.startsWith(`${network}.`) || name.startsWith(`${side}WeightState.`));
    expect(compared.length).toBeGreaterThan(4);
    if (authors === null) expect(tensors.size).toBe(compared.length);
    for (const name of compared) {
      const target = name.replace(/^average\./, "generator.");
      const [from, to] = [await before.get(name)!.read(), await after.get(target)!.read()];
      // Comparing value by value takes seconds for a network.
      expect(Buffer.compare(new Uint8Array(from.buffer), new Uint8Array(to.buffer)), target).toBe(0);
    }
    await rm(join(command.cwd, out), { recursive: true });
  });
});
