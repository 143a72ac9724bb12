import type { Registry } from "@ganymede/core";
import { trainerOptions } from "../run/trainer-options.js";
import type { LoadedSampler, Standing } from "../sample/load-sampler.js";
import { loadSampler } from "../sample/load-sampler.js";
import type { LoadedCheckpoint } from "./run-folder.js";
import { openCheckpoint, openNewestGood } from "./run-folder.js";

/** A generator on the current backend, with the checkpoint that it came from. */
export interface OpenedSampler extends LoadedSampler {
  readonly checkpoint: Pick<LoadedCheckpoint, "path" | "step" | "config">;
}

/** A checkpoint whose averaged generator is whole. */
export async function openForSampling(place: string, note: (text: string) => void): Promise<LoadedCheckpoint> {
  if (place.endsWith(".safetensors")) return openCheckpoint(place);
  return openNewestGood(place, note, (name) => /^(average|generatorVectors)\./.test(name));
}

/**
 * Opens the newest checkpoint of a run folder, or one checkpoint file, for sampling. The caller disposes it.
 *
 * @param note is told of each damaged checkpoint that is passed over.
 * @param standing how the norms' statistics are gathered. Default: those of training.
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
