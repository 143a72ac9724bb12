import { resolve } from "node:path";
import { backendOf } from "../run/train-options.js";
import type { Standing } from "../sample/load-sampler.js";
import type { TrainedGenerator } from "../sample/trained-generator.js";
import { trainedGenerator } from "../sample/trained-generator.js";
import { libraryRegistry } from "./library-registry.js";
import { withNeededPlugins } from "./needed-plugins.js";
import type { TrainOptions } from "./node-train-options.js";
import { openForSampling, openSampler } from "./open-sampler.js";

export interface LoadGeneratorOptions extends Pick<TrainOptions, "plugins" | "registry" | "backend" | "threads"> {
  /** How the norms' statistics are gathered. Default: those of training. */
  readonly standing?: Standing;
  /** Is told of damaged checkpoints that are passed over. */
  readonly note?: (text: string) => void;
  /** Where plugins of the run that are not given are looked for. Default: the folder of the process. */
  readonly cwd?: string;
}

/**
 * The averaged generator of a run folder or of one checkpoint; nothing else of the checkpoint is read. Plugins that the run needs are
 * loaded by themselves. The caller disposes it.
 *
 * @throws GanymedeError `missing-file` where there is no checkpoint, or for a plugin that is not installed, `invalid-checkpoint`.
 */
export async function loadGenerator(place: string, options: LoadGeneratorOptions = {}): Promise<TrainedGenerator> {
  const { cwd = process.cwd(), standing, note = () => undefined } = options;
  const path = resolve(cwd, place);
  const known = libraryRegistry(options);
  await backendOf(known, options);
  const { config } = await openForSampling(path, note);
  const registry = await withNeededPlugins(known, config.plugins, path, cwd);
  return trainedGenerator(await openSampler(registry, path, standing, note));
}
