import { cross, dotProduct } from "@ganymede/attention";
import type { Context, ObservedAttention, ParamsOf } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import { contextAt, equalizedLinear, layerNorm, mlp } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

export interface QueryDecoderOptions {
  readonly width: number;
  readonly headWidth: number;
  readonly mlpRatio: number;
}

export interface QueriesInput {
  /** `[B, m, width]`. */
  readonly queries: tf.Tensor3D;
  /** `[B, N, width]`. */
  readonly memory: tf.Tensor3D;
}

/**
 * A decoder layer: queries attend to each other, then to the tokens of the image, then pass an MLP, each after a norm and beside a
 * shortcut. Gives the queries `[B, m, width]` and where they looked, `[B, heads, m, N]`.
 *
 * Source: Carion et al. 2020, DETR, arXiv 2005.12872, section 3.2. Differs from source: norms come before.
 */
export function queryDecoder({ width, headWidth, mlpRatio }: QueryDecoderOptions) {
  const sizes = { channels: width, heads: width / headWidth, linear: equalizedLinear };
  const self = dotProduct().create(sizes);
  const reads = cross().create(sizes);
  const forward = mlp({ width, hidden: mlpRatio * width, linear: equalizedLinear });
  const norm = layerNorm({ width });
  const layer = defineLayer({
    init: (key) => ({
      selfNorm: norm.init(fold(key, "selfNorm")),
      self: self.init(fold(key, "self")),
      crossNorm: norm.init(fold(key, "crossNorm")),
      cross: reads.init(fold(key, "cross")),
      mlpNorm: norm.init(fold(key, "mlpNorm")),
      mlp: forward.init(fold(key, "mlp")),
    }),
    apply: (params, input: QueriesInput, context: Context): tf.Tensor3D => attend(params, input, context).queries,
  });
  function attend(params: ParamsOf<typeof layer>, { queries, memory }: QueriesInput, context: Context) {
    const among = self.apply(params.self, norm.apply(params.selfNorm, queries, context), contextAt(context, "self"));
    const asked = tf.add(queries, among) as tf.Tensor3D;
    let weights: tf.Tensor4D | undefined;
    const observed: Context = {
      ...contextAt(context, "cross"),
      observe: (name, value, path) => {
        if (name === "attention") weights = (value as ObservedAttention).weights;
        context.observe?.(name, value, path);
      },
    };
    const read = reads.apply(params.cross, { x: norm.apply(params.crossNorm, asked, context), memory }, observed);
    const seen = tf.add(asked, read) as tf.Tensor3D;
    const changed = tf.add(
      seen,
      forward.apply(params.mlp, norm.apply(params.mlpNorm, seen, context), context),
    ) as tf.Tensor3D;
    return { queries: changed, weights: weights as tf.Tensor4D };
  }
  return { ...layer, attend };
}
