import { resolve } from "node:path";
import { backendOf } from "../run/train-options.js";
import type { Standing } from "../sample/load-sampler.js";
import type { TrainedGenerator } from "../sample/trained-generator.js";
import { trainedGenerator } from "../sample/trained-generator.js";
import { libraryRegistry } from "./library-registry.js";
import { withNeededPlugins } from "./needed-plugins.js";
import type { TrainOptions } from "./node-train-options.js";
import { openForSampling, openSampler } from "./open-sampler.js";

/** Options of `loadGenerator`. */
export interface LoadGeneratorOptions extends Pick<TrainOptions, "plugins" | "registry" | "backend" | "threads"> {
  /** Gathers the norms' statistics anew. Default: the running statistics of training. */
  readonly standing?: Standing;
  /** Called for each damaged checkpoint that is skipped. */
  readonly note?: (text: string) => void;
  /** Where plugins of the run that were not passed are resolved. Default: the working directory of the process. */
  readonly cwd?: string;
}

/**
 * Loads the generator's EMA from a run folder or a checkpoint, and nothing else of it. Plugins that the run needs are loaded automatically.
 * The caller disposes the generator.
 *
 * @throws GanymedeError `missing-file` if there is no checkpoint or a plugin is not installed; `invalid-checkpoint`.
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
