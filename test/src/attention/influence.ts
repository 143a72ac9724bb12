import type { ParamTree, SelfAttentionPart } from "@ganymede/core";
import { fold, inference, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { patchGrid, patchModel, toPatches } from "./patch-model.js";

/**
 * How much the attention's output at one token changes with its input at each: |d y_i / d x_j| over the channels, from the gradients of
 * a few random sums. It is the attention map where there are weights, and exists as well where there are none.
 */
export async function influence(
  variant: SelfAttentionPart,
  params: ParamTree & { readonly embed: unknown; readonly positions: tf.Tensor2D; readonly attention: ParamTree },
  images: tf.Tensor4D,
  token: number,
): Promise<number[][]> {
  const { embed, attention } = patchModel(variant);
  const maps = tf.tidy(() => {
    const patches = toPatches(images);
    const open = tf.concat([patches, tf.zeros([images.shape[0], patchGrid ** 2, 1])], 2);
    const x = tf.add(
      embed.apply(params.embed as never, open as tf.Tensor3D, inference),
      params.positions,
    ) as tf.Tensor3D;
    const squares = [1, 2, 3, 4].map((draw) => {
      const gradient = tf.grad((input) => {
        const y = attention.apply(params.attention, input as tf.Tensor3D, inference);
        const row = tf.slice3d(y, [0, token, 0], [y.shape[0], 1, y.shape[2]]);
        return tf.sum(tf.mul(row, normal(fold(key(3), draw), row.shape)));
      })(x);
      return tf.sum(tf.square(gradient), 2); // [B, N]
    });
    return tf.sqrt(tf.addN(squares)) as tf.Tensor2D;
  });
  const rows = (await maps.array()) as number[][];
  maps.dispose();
  return rows.map((row) => {
    const largest = Math.max(...row, 1e-12);
    return row.map((value) => value / largest);
  });
}
