import type { AttentionOptions } from "@ganymede/core";
import { defineLayer, expectShape, fold } from "@ganymede/core";
import { headWidthOf, mergeHeads, observeWeights, linear as plainLinear, splitHeads } from "@ganymede/core/nn";
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
  const projection = linear({ inputs: channels, outputs: 3 * inner, bias: false });
  const output = linear({ inputs: inner, outputs: channels });
  return defineLayer({
    init: (key) => ({
      projection: projection.init(fold(key, "projection")),
      output: output.init(fold(key, "output")),
      temperature: tf.ones([1]) as tf.Tensor1D,
    }),
    apply(params, x: tf.Tensor3D, context) {
      expectShape(x, ["B", "N", channels], `${who} input`);
      const joint = projection.apply(params.projection, x, context); // [B, N, 3HD]
      const [q, k, v] = [0, 1, 2].map((part) =>
        splitHeads(tf.slice3d(joint, [0, 0, part * inner], [-1, -1, inner]), heads),
      ) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D]; // each [B, H, N, D]
      const weights = tf.softmax<tf.Tensor4D>(tf.mul(logits(q, k), params.temperature));
      observeWeights(context, weights, { queryGrid: options.grid, keyGrid: options.grid });
      return output.apply(params.output, mergeHeads(tf.matMul(weights, v) as tf.Tensor4D), context);
    },
  });
}
