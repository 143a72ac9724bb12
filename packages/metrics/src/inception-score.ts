import { GanymedeError } from "@ganymede/core";
import { numpyRandom } from "./numpy-random.js";

/** The Inception Score of a set of images. */
export interface InceptionScore {
  /** Mean over the splits, in [1, number of classes]; larger is better. */
  readonly mean: number;
  /** Population standard deviation over the splits. */
  readonly deviation: number;
}

/** Softmax of a row in float64, shifted by its largest logit. */
function softmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const out = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const total = out.reduce((sum, value) => sum + value, 0);
  return out.map((value) => value / total);
}

/** exp(mean_i KL(p_i || mean_j p_j)) = exp(sum of p log p over all, per image, - sum of m log m). */
function scoreOfSplit(logits: Float32Array, classes: number, rows: ArrayLike<number>): number {
  const count = rows.length;
  const marginal = new Float64Array(classes);
  let negativeEntropy = 0;
  for (let i = 0; i < count; i++) {
    const row = rows[i] as number;
    softmax(logits.subarray(row * classes, (row + 1) * classes)).forEach((p, c) => {
      marginal[c] = marginal[c]! + p / count;
      // p log p tends to 0 as p does.
      if (p > 0) negativeEntropy += (p * Math.log(p)) / count;
    });
  }
  return Math.exp(marginal.reduce((sum, m) => (m > 0 ? sum - m * Math.log(m) : sum), negativeEntropy));
}

/** Splitting and order of the rows of logits. */
export interface InceptionScoreSplits {
  /** Number of splits; their sizes differ by at most one. */
  readonly splits: number;
  /**
   * Seed of NumPy's legacy generator, whose permutation shuffles the images before splitting; null keeps their order. In a
   * folder sorted by class, each split of unshuffled images has few classes, and the score falls towards 1.
   */
  readonly seed: number | null;
}

/**
 * Inception Score of logits `[images, classes]` in float64: every image is in exactly one split; split i of n has the images
 * from floor(i N / n) to floor((i + 1) N / n) - 1.
 *
 * Source: Salimans et al. 2016, arXiv 1606.03498, section 4; shuffling and splits as in torch-fidelity, `metric_isc.py`.
 * @throws GanymedeError `invalid-argument` for fewer images than splits, `non-finite` for a non-finite logit.
 */
export function inceptionScoreOf(
  logits: Float32Array,
  classes: number,
  { splits, seed }: InceptionScoreSplits,
): InceptionScore {
  const count = logits.length / classes;
  if (count < splits) {
    throw new GanymedeError(
      "invalid-argument",
      `inceptionScore: ${splits} splits need at least as many images, got ${count}; add images`,
    );
  }
  if (!logits.every(Number.isFinite)) {
    throw new GanymedeError(
      "non-finite",
      "inceptionScore: logits must be finite, got a value that is not; check the images",
    );
  }
  const order = seed === null ? Int32Array.from({ length: count }, (_, i) => i) : numpyRandom(seed).permutation(count);
  const edge = (split: number) => Math.floor((split * count) / splits);
  const scores = Array.from({ length: splits }, (_, i) =>
    scoreOfSplit(logits, classes, order.subarray(edge(i), edge(i + 1))),
  );
  const mean = scores.reduce((sum, score) => sum + score, 0) / splits;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / splits;
  return { mean, deviation: Math.sqrt(variance) };
}
