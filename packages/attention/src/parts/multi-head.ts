import type { AttentionOptions, Context, Layer, ParamTree } from "@ganymede/core";
import { defineLayer, expectShape, fold, inference } from "@ganymede/core";
import { observeWeights } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { dotProductWeights } from "./dot-product-weights.js";
import type { HeadParams } from "./head-projections.js";
import { headProjections } from "./head-projections.js";
import type { LogitBias } from "./logit-bias.js";

export interface MultiHeadSettings {
  /** Added to the logits: positions and masks; none where left out. */
  readonly biases?: readonly LogitBias[];
  /** A norm of the queries and of the keys, each head by itself, as `rootMeanSquareNorm`; none where left out. */
  readonly norm?: (options: { readonly width: number }) => Layer<ParamTree, tf.Tensor, tf.Tensor>;
}

export type MultiHeadParams = HeadParams & {
  readonly biases?: readonly ParamTree[];
  readonly norms?: { readonly query: ParamTree; readonly keys: ParamTree };
};

/** Multi-head dot-product self-attention with what is chosen; `attend` takes one more mask or bias, made at call time. */
export function multiHead(options: AttentionOptions, { biases = [], norm }: MultiHeadSettings, who: string) {
  const heads = headProjections(options, who);
  const terms = biases.map((bias) => bias.create(options));
  const normalize = norm?.({ width: heads.width });
  const normed = (x: tf.Tensor4D, params: ParamTree | undefined): tf.Tensor4D =>
    normalize === undefined || params === undefined ? x : (normalize.apply(params, x, inference) as tf.Tensor4D);

  function attend(params: MultiHeadParams, x: tf.Tensor3D, context: Context, extra?: tf.Tensor): tf.Tensor3D {
    expectShape(x, ["B", "N", options.channels], `${who} input`);
    const { q, k, v } = heads.split(params, x, context); // [B, H, N, D] each
    const parts = terms.map((term, i) => term.apply(params.biases?.[i] as ParamTree, x.shape[1], context));
    const added = [...parts, ...(extra === undefined ? [] : [extra])];
    const bias = added.length === 0 ? undefined : added.reduce((sum, part) => tf.add(sum, part));
    const weights = dotProductWeights(normed(q, params.norms?.query), normed(k, params.norms?.keys), bias); // [B, H, N, N]
    observeWeights(context, weights, { queryGrid: options.grid, keyGrid: options.grid });
    return heads.join(params, tf.matMul(weights, v) as tf.Tensor4D, context);
  }

  const layer = defineLayer<MultiHeadParams, tf.Tensor3D, tf.Tensor3D>({
    init: (key) => ({
      ...heads.init(key),
      ...(terms.length === 0 ? {} : { biases: terms.map((term, i) => term.init(fold(fold(key, "biases"), i))) }),
      ...(normalize === undefined
        ? {}
        : {
            norms: { query: normalize.init(fold(key, "query-norm")), keys: normalize.init(fold(key, "key-norm")) },
          }),
    }),
    apply: (params, x, context) => attend(params, x, context),
  });
  return { ...layer, attend };
}
