import { resolve } from "node:path";
import type { ParamTree, Registry } from "@ganymede/core";
import { fold, GanymedeError, key } from "@ganymede/core";
import { treeEntries } from "@ganymede/core/checkpoint";
import type { BackendOption, RunConfig } from "@ganymede/training";
import { createModel, createTrainStep, listPresets, overrideModel, parseOverride } from "@ganymede/training";
import {
  expectNoRun,
  lockRun,
  neededPlugins,
  saveCheckpoint,
  startBackend,
  writeRunConfig,
} from "@ganymede/training/node";
import type { OpenedPreset } from "../config/preset-file.js";
import { openPreset, presetName } from "../config/preset-file.js";
import { loadPlugins } from "../config/registry.js";
import { installedVersions } from "../config/versions.js";
import type { CommandContext } from "../context.js";
import { importNetworks } from "../run/import-networks.js";
import { readWeightsFile } from "../run/read-weights-file.js";
import type { SharedOptions } from "./shared-options.js";

export interface ImportOptions extends SharedOptions, BackendOption {
  readonly out: string | undefined;
  readonly set: readonly string[];
  readonly seed: number;
}

/** Presets to try: the given one, or all of a family. */
function candidates(registry: Registry, name: string): readonly string[] {
  const ofFamily = listPresets(registry).filter(({ family }) => family.id === name);
  return ofFamily.length > 0 ? ofFamily.map(({ preset }) => preset.id) : [name];
}

/** Creates a run folder from weights of the authors' code or of `export`, to sample, measure, inspect or fine-tune. */
export async function importCommand(
  name: string,
  file: string,
  options: ImportOptions,
  context: CommandContext,
): Promise<number> {
  const { terminal, cwd, files } = context;
  const known = await loadPlugins(context.builtIn, { ...options, cwd });
  const overrides = options.set.map((text) => parseOverride(text));
  const presets: OpenedPreset[] = [];
  for (const each of candidates(known.registry, name)) presets.push(await openPreset(known, each, cwd));
  const path = resolve(cwd, file);
  const out = resolve(cwd, options.out ?? `runs/${presetName(name)}-imported`);
  await expectNoRun(out);
  const tensors = await readWeightsFile(path);
  const backend = await startBackend(known.registry, options, terminal);
  const runKey = fold(fold(key(options.seed), "train"), "init");

  const attempt = async ({ known: { registry, specifiers }, choice: preset }: OpenedPreset) => {
    const choice = overrideModel(registry, preset, overrides);
    const { weights } = registry.get("models", choice.family);
    const model = createModel(registry, choice);
    const train = createTrainStep<ParamTree, ParamTree>(model, choice.training, registry);
    const plugins = neededPlugins(registry, choice, specifiers, cwd);
    const file = { model, tensors, weights, config: choice.model, key: runKey, who: path };
    return { choice, plugins, ...(await importNetworks(train, file)) };
  };
  const failures: unknown[] = [];
  for (const preset of presets) {
    let imported: Awaited<ReturnType<typeof attempt>>;
    try {
      imported = await attempt(preset);
    } catch (error) {
      if (!GanymedeError.is(error) || presets.length === 1) throw error;
      failures.push(error);
      continue;
    }
    const { choice, plugins, state, names } = imported;
    const config: RunConfig = {
      format: 1,
      ...choice,
      data: null,
      seed: options.seed,
      backend: { id: backend.id, device: backend.device },
      every: { log: 10, sample: 500, checkpoint: 500 },
      plugins,
      changes: [],
      versions: installedVersions(),
    };
    const lock = await lockRun(out);
    try {
      await expectNoRun(out);
      await saveCheckpoint(files, out, { step: 0, entries: treeEntries(state), config, keep: 1 });
      await writeRunConfig(files, out, config);
    } finally {
      lock.release();
    }
    terminal.note(`Imported as ${choice.preset}: ${names.join(", ")}`);
    terminal.out(options.json ? JSON.stringify({ out, preset: choice.preset, networks: names }) : out);
    return 0;
  }
  const last = failures.at(-1) as Error;
  throw new GanymedeError(
    "invalid-checkpoint",
    `import: the file must match a preset of the family "${name}", but it matches none of ${presets.map(({ choice }) => choice.preset).join(", ")} (of the last: ${last.message}); choose a preset and --set what differs`,
    { cause: last },
  );
}
