/**
 * Nystrom attention: softmax attention reconstructed from m landmarks, the means of m equal runs of tokens:
 * y = softmax(q k~^T) pinv(softmax(q~ k~^T)) softmax(q~ k^T) v, each scaled by 1 / sqrt(D); the pseudo-inverse by iteration.
 * Shapes: x [B, N, C] -> [B, N, C], N a multiple of m.
 * Cost: 4 N C^2 + 4 N m C + 4 iterations m^3 H multiply-adds, 2 N m weights for each head.
 * Source: Xiong et al. 2021, arXiv 2102.03902, section 3; the iteration of its equation 14, started as its authors' code does.
 * Differs from source: no convolution of the values is added beside. The start is scaled for each matrix instead of for all.
 */
import { defineAttention, expectShape, GanymedeError } from "@ganymede/core";
import { record, whole } from "@ganymede/core/config";
import { compose } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { dotProductWeights } from "./parts/dot-product-weights.js";
import { headProjections } from "./parts/head-projections.js";
import { observeQueries } from "./parts/observe-query.js";

/** pinv(A) for A [.., m, m] whose rows sum to 1: z <- z (13 - a z (15 - a z (7 - a z))) / 4. */
export function pseudoInverse(a: tf.Tensor4D, iterations: number): tf.Tensor4D {
  const size = a.shape[3];
  const identity = tf.eye(size);
  const minus = (factor: number, x: tf.Tensor) => tf.sub(tf.mul(identity, factor), x);
  const largest = tf.max(tf.sum(a, 2), 2); // [B, H], of the column sums: with it the start is small enough to converge
  let z: tf.Tensor = tf.div(tf.transpose(a, [0, 1, 3, 2]), tf.reshape(largest, [a.shape[0], a.shape[1], 1, 1]));
  for (let i = 0; i < iterations; i++) {
    const az = tf.matMul(a, z);
    z = tf.mul(tf.matMul(z, minus(13, tf.matMul(az, minus(15, tf.matMul(az, minus(7, az)))))), 0.25);
  }
  return z as tf.Tensor4D;
}

export const nystrom = defineAttention({
  id: "nystrom",
  source: "https://arxiv.org/abs/2102.03902",
  defaults: { landmarks: 64, iterations: 6 },
  settings: record({
    /** Landmarks m, never more than the tokens. Default: 64. */
    landmarks: whole(),
    /** Iterations of the pseudo-inverse, each of which triples the right digits near the end. Default: 6. */
    iterations: whole(1, 1024),
  }),
  create({ landmarks, iterations }, options) {
    const heads = headProjections(options, "nystrom");
    return compose(heads.parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", options.channels], "nystrom input");
      const [batch, tokens] = x.shape;
      const count = Math.min(landmarks, tokens);
      if (tokens % count !== 0) {
        throw new GanymedeError(
          "invalid-argument",
          `nystrom: the landmarks must divide the tokens, got ${count} and ${tokens}; choose a divisor of ${tokens}`,
        );
      }
      const { q, k, v } = heads.split(part, x); // [B, H, N, D] each
      const means = (y: tf.Tensor4D) =>
        tf.mean<tf.Tensor4D>(tf.reshape(y, [batch, options.heads, count, tokens / count, heads.width]), 3);
      const [qm, km] = [means(q), means(k)]; // [B, H, m, D]
      const inverse = pseudoInverse(dotProductWeights(qm, km), iterations); // [B, H, m, m]
      observeQueries(context, q, options, (one) =>
        tf.matMul(tf.matMul(dotProductWeights(one, km), inverse), dotProductWeights(qm, k)),
      );
      const read = tf.matMul(dotProductWeights(qm, k), v); // [B, H, m, D]
      return heads.join(part, tf.matMul(dotProductWeights(q, km), tf.matMul(inverse, read)));
    });
  },
});
