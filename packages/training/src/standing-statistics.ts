import type { Key, ParamTree } from "@ganymede/core";
import { compile, disposeTree, fold, GanymedeError, leaves, mapLeaves, training } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { isStatistic, recordStatistics } from "./statistics.js";
import { drawLatents } from "./step/pass.js";
import type { StepParts } from "./step/resolve-training.js";
import type { Sampled, TrainStep } from "./step/train-step.js";

/** Number and size of the batches of `standingStatistics`. */
export interface StandingOptions {
  /** Number of passes to average. */
  readonly passes: number;
  /** Images per pass. */
  readonly batch: number;
  readonly key: Key;
}

type Values = { readonly [path: string]: tf.Tensor };

/** Statistics of one pass of fresh latents through the generator's EMA, by path. */
function observe<G extends ParamTree, D extends ParamTree>(
  parts: StepParts<G, D>,
  { average, generatorWeightState }: Sampled<G>,
  batch: number,
  key: Key,
): Values {
  const record = recordStatistics(average);
  const { z, labels } = drawLatents(parts, key, batch);
  parts.model.generator.apply(parts.generatorWeights.apply(average, generatorWeightState), z, {
    ...training(fold(key, "generator")),
    update: (statistic, _, observed) => record.update(statistic, observed),
    ...(labels !== undefined && { labels }),
  });
  return record.values();
}

/**
 * Standing statistics: the generator's EMA with its running statistics replaced by their means over passes in training mode, each with
 * fresh latents. The running statistics of training belong to the live weights, not to their average.
 *
 * Source: Brock et al. 2019, BigGAN, arXiv 1809.11096; PyTorch-StudioGAN, `standing_statistics`. Differs from the latter: every pass has a
 * full batch and the same weight; StudioGAN draws the size of each pass and weights later passes more.
 * @returns a new tree, which the caller owns.
 * @throws GanymedeError `unsupported` for a generator without running statistics.
 */
export async function standingStatistics<G extends ParamTree, D extends ParamTree>(
  { parts }: Pick<TrainStep<G, D>, "parts">,
  state: Sampled<G>,
  { passes, batch, key }: StandingOptions,
): Promise<G> {
  if (!leaves(state.average).some(({ path }) => isStatistic(path))) {
    throw new GanymedeError(
      "unsupported",
      "standing statistics: the generator must have norms over the batch, but it has no running statistics; remove the option",
    );
  }
  const add = compile((from: Sampled<G>, mean: Values | null, at: Key): Values => {
    const shares = Object.entries(observe(parts, from, batch, at)).map(
      ([path, value]) => [path, tf.div(value, passes)] as const,
    );
    return Object.fromEntries(
      shares.map(([path, part]) => [path, mean === null ? part : tf.add(mean[path] as tf.Tensor, part)]),
    );
  });
  let mean: Values | null = null;
  for (let pass = 0; pass < passes; pass++) {
    const before: Values | null = mean;
    mean = await add(state, before, fold(key, pass));
    if (before !== null) disposeTree(before);
  }
  const found = mean ?? {};
  return mapLeaves(state.average, (leaf, path) => found[path] ?? tf.clone(leaf));
}
