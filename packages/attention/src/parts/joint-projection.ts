import type { AttentionOptions } from "@ganymede/core";
import { expectShape } from "@ganymede/core";
import {
  compose,
  headWidthOf,
  learned,
  mergeHeads,
  observeWeights,
  linear as plainLinear,
  splitHeads,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** Logits [B, H, N, N] from queries and keys [B, H, N, D], before the temperature. */
export type Logits = (queries: tf.Tensor4D, keys: tf.Tensor4D) => tf.Tensor4D;

/**
 * What the two attentions of ViTGAN's release share: queries, keys and values are slices of one projection without bias, logits
 * are multiplied by a learned temperature that starts at 1, and the output map has a bias.
 */
export function jointProjectionAttention(options: AttentionOptions, logits: Logits, who: string) {
  const { channels, heads, linear = plainLinear } = options;
  const inner = heads * headWidthOf(options, who);
  const parts = {
    projection: linear({ inputs: channels, outputs: 3 * inner, bias: false }),
    output: linear({ inputs: inner, outputs: channels }),
    temperature: learned(() => tf.ones<tf.Rank.R1>([1])),
  };
  return compose(parts, (part, x: tf.Tensor3D, context): tf.Tensor3D => {
    expectShape(x, ["B", "N", channels], `${who} input`);
    const joint = part.projection(x); // [B, N, 3HD]
    const slice = (place: number) => splitHeads(tf.slice3d(joint, [0, 0, place * inner], [-1, -1, inner]), heads);
    const [q, k, v] = [slice(0), slice(1), slice(2)]; // each [B, H, N, D]
    const weights = tf.softmax<tf.Tensor4D>(tf.mul(logits(q, k), part.temperature));
    observeWeights(context, weights, { queryGrid: options.grid, keyGrid: options.grid });
    return part.output(mergeHeads(tf.matMul(weights, v)));
  });
}
