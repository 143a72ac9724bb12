import type { Registry } from "@ganymede/core";
import { trainerOptions } from "../run/trainer-options.js";
import type { LoadedSampler, Standing } from "../sample/load-sampler.js";
import { loadSampler } from "../sample/load-sampler.js";
import type { LoadedCheckpoint } from "./run-folder.js";
import { openCheckpoint } from "./run-folder.js";

/** A generator on the current backend, with the checkpoint that it came from. */
export interface OpenedSampler extends LoadedSampler {
  readonly checkpoint: Pick<LoadedCheckpoint, "path" | "step" | "config">;
}

/**
 * Opens the newest checkpoint of a run folder, or one checkpoint file, for sampling. The caller disposes it.
 *
 * @param standing how the norms' statistics are gathered; they are those of training where left out.
 */
export async function openSampler(registry: Registry, place: string, standing?: Standing): Promise<OpenedSampler> {
  const checkpoint = await openCheckpoint(place);
  const options = trainerOptions(registry, checkpoint.config);
  return { ...(await loadSampler(options, checkpoint.tensors, checkpoint.path, standing)), checkpoint };
}
