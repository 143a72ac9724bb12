/**
 * LSH attention: queries and keys are one projection, tokens are hashed by random rotations so that near ones fall into one bucket,
 * sorted by bucket and cut into chunks; each attends within its chunk and the one before. Several rounds of hashing are averaged by
 * their sums of exponentials. Long sequences at a cost nearly linear in tokens.
 * Shapes: x [B, N, C] -> [B, N, C], N a multiple of twice the bucket size; rotations [D, rounds, buckets / 2].
 * Cost: 3 N C^2 + 4 rounds N bucketSize C multiply-adds, 2 rounds N bucketSize weights for each head, and two sorts a round.
 * Source: Kitaev, Kaiser and Levskaya 2020, Reformer, arXiv 2001.04451, section 2; details from lucidrains/reformer-pytorch.
 * Differs from source: rotations come from the context's key in training, which draws new ones each step, and from `seed` else. All
 * samples and heads share them. The hash has no derivative: the layer's is that between jumps.
 */
import { defineAttention, expectShape, fold, key as keyOf, normal } from "@ganymede/core";
import { flag, real, record, whole } from "@ganymede/core/config";
import { compose, headWidthOf, mergeHeads, observeRows, linear as plainLinear, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { hashedAttention } from "./parts/hashed-attention.js";
import { bucketsOf, expectBuckets } from "./parts/hashing.js";

export { hashedAttention } from "./parts/hashed-attention.js";
export { bucketsOf } from "./parts/hashing.js";

export const lsh = defineAttention({
  id: "lsh",
  source: "https://arxiv.org/abs/2001.04451",
  defaults: {
    bucketSize: 64,
    rounds: 4,
    seed: 0,
    acrossBuckets: true,
    duplicates: true,
    causal: false,
    selfLogit: -5e4,
  },
  settings: record({
    /** Tokens in a bucket. Default: 64. */
    bucketSize: whole(),
    /** Rounds of hashing. Default: 4. */
    rounds: whole(1, 1024),
    /** Seed of the rotations outside of training. Default: 0. */
    seed: whole(0),
    /** Whether a token sees those of other buckets that share its chunk. Default: true. */
    acrossBuckets: flag,
    /** Whether a pair that meets in several rounds counts as often. Default: true. */
    duplicates: flag,
    /** Whether a token sees only those before it, and itself. Default: false. */
    causal: flag,
    /** A token's logit for itself. Default: -5e4, so small that it counts only where there is no other. */
    selfLogit: real(),
  }),
  create({ bucketSize, rounds, seed, ...hashed }, options) {
    const { channels, heads, linear = plainLinear } = options;
    const depth = headWidthOf(options, "lsh");
    const project = linear({ inputs: channels, outputs: heads * depth, bias: false });
    const parts = { query: project, value: project, output: linear({ inputs: heads * depth, outputs: channels }) };
    return compose(parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
      expectShape(x, ["B", "N", channels], "lsh input");
      const [batch, tokens] = x.shape;
      expectBuckets(tokens, bucketSize, "lsh");
      const drawn = context.mode === "training" ? context.key : keyOf(seed);
      const rotations = normal<tf.Rank.R3>(fold(drawn, "rotations"), [depth, rounds, tokens / bucketSize / 2]);
      const folded = (y: tf.Tensor3D): tf.Tensor3D => tf.reshape(splitHeads(y, heads), [batch * heads, tokens, depth]);
      const qk = folded(part.query(x)); // [B H, N, D]
      const v = folded(part.value(x));
      const buckets = bucketsOf(qk, rotations);
      const mix = (values: tf.Tensor3D) => hashedAttention(qk, values, buckets, { bucketSize, ...hashed });
      const row = (query: number): tf.Tensor3D => {
        const identity = tf.broadcastTo<tf.Rank.R3>(tf.expandDims(tf.eye(tokens), 0), [batch * heads, tokens, tokens]);
        const weights = mix(identity); // what each token gives to each, [B H, N, N]
        return tf.reshape(tf.slice3d(weights, [0, query, 0], [-1, 1, -1]), [batch, heads, tokens]);
      };
      const { grid } = options;
      observeRows(context, { heads, queries: tokens, keys: tokens, row }, { queryGrid: grid, keyGrid: grid });
      const mixed = mix(v); // [B H, N, D]
      return part.output(mergeHeads(tf.reshape(mixed, [batch, heads, tokens, depth])));
    });
  },
});
