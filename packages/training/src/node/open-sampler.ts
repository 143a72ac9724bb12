import type { Registry } from "@ganymede/core";
import { trainerOptions } from "../run/trainer-options.js";
import type { LoadedSampler, Standing } from "../sample/load-sampler.js";
import { loadSampler } from "../sample/load-sampler.js";
import type { LoadedCheckpoint } from "./run-folder.js";
import { openCheckpoint, openNewestGood } from "./run-folder.js";

/** A generator on the current backend, with its checkpoint. */
export interface OpenedSampler extends LoadedSampler {
  readonly checkpoint: Pick<LoadedCheckpoint, "path" | "step" | "config">;
}

/** The newest checkpoint whose EMA is intact. */
export async function openForSampling(place: string, note: (text: string) => void): Promise<LoadedCheckpoint> {
  if (place.endsWith(".safetensors")) return openCheckpoint(place);
  return openNewestGood(place, note, (name) => /^(average|generatorWeightState)\./.test(name));
}

/**
 * Opens the newest checkpoint of a run folder, or a checkpoint file, for sampling. The caller disposes it.
 *
 * @param note called for each damaged checkpoint that is skipped.
 * @param standing gathers the norms' statistics anew. Default: the running statistics of training.
 */
export async function openSampler(
  registry: Registry,
  place: string,
  standing?: Standing,
  note: (text: string) => void = () => undefined,
): Promise<OpenedSampler> {
  const checkpoint = await openForSampling(place, note);
  const options = trainerOptions(registry, checkpoint.config);
  return { ...(await loadSampler(options, checkpoint.tensors, checkpoint.path, standing)), checkpoint };
}
