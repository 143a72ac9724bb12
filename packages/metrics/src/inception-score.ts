import { GanymedeError } from "@ganymede/core";

export interface InceptionScore {
  /** Mean over the splits; 1 to the number of classes, larger is better. */
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
function scoreOfSplit(logits: Float32Array, classes: number): number {
  const count = logits.length / classes;
  const marginal = new Float64Array(classes);
  let negativeEntropy = 0;
  for (let i = 0; i < count; i++) {
    softmax(logits.subarray(i * classes, (i + 1) * classes)).forEach((p, c) => {
      marginal[c] = marginal[c]! + p / count;
      // p log p tends to 0 with p.
      if (p > 0) negativeEntropy += (p * Math.log(p)) / count;
    });
  }
  return Math.exp(marginal.reduce((sum, m) => (m > 0 ? sum - m * Math.log(m) : sum), negativeEntropy));
}

/**
 * Inception Score of logits `[images, classes]`, over consecutive splits of equal size (images left over at the end are not
 * used), in float64.
 *
 * Source: Salimans et al. 2016, arXiv 1606.03498, section 4.
 * @throws GanymedeError `invalid-argument` for fewer images than splits, `non-finite` when a logit is not finite.
 */
export function inceptionScoreOf(logits: Float32Array, classes: number, splits: number): InceptionScore {
  const size = Math.floor(logits.length / classes / splits);
  if (size < 1) {
    throw new GanymedeError(
      "invalid-argument",
      `inceptionScore: ${splits} splits need at least as many images, got ${logits.length / classes}; add images`,
    );
  }
  if (!logits.every(Number.isFinite)) {
    throw new GanymedeError("non-finite", "inceptionScore: logits must be finite, got another value; check the images");
  }
  const scores = Array.from({ length: splits }, (_, i) =>
    scoreOfSplit(logits.subarray(i * size * classes, (i + 1) * size * classes), classes),
  );
  const mean = scores.reduce((sum, score) => sum + score, 0) / splits;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / splits;
  return { mean, deviation: Math.sqrt(variance) };
}
