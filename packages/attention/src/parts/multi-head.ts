import type { AttentionOptions, Layer, ParamTree } from "@ganymede/core";
import { defineLayer, expectShape } from "@ganymede/core";
import { compose, observeWeights } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { dotProductWeights } from "./dot-product-weights.js";
import { headProjections } from "./head-projections.js";
import type { LogitBias } from "./logit-bias.js";

export interface MultiHeadSettings {
  /** Added to the logits: positions and masks. Default: none. */
  readonly biases?: readonly LogitBias[];
  /** A norm of the queries and of the keys, each head by itself, such as `rootMeanSquareNorm`. Default: none. */
  readonly norm?: (options: { readonly width: number }) => Layer<ParamTree, tf.Tensor4D, tf.Tensor4D>;
}

/** Tokens [B, N, C], with a mask or bias that is made at call time and broadcasts to [B, H, N, N]. */
export interface MaskedTokens {
  readonly x: tf.Tensor3D;
  readonly mask?: tf.Tensor | undefined;
}

/** Multi-head dot-product self-attention with what is chosen, over tokens with a mask. */
export function maskedMultiHead(options: AttentionOptions, { biases = [], norm }: MultiHeadSettings, who: string) {
  const heads = headProjections(options, who);
  const width = { width: heads.width };
  const norms = norm && {
    query: norm(width),
    keys: norm(width),
  };
  const normed =
    norms &&
    compose(norms, (part, { q, k }: { q: tf.Tensor4D; k: tf.Tensor4D }) => ({ q: part.query(q), k: part.keys(k) }));
  const parts = {
    ...heads.parts,
    biases: biases.length === 0 ? undefined : biases.map((bias) => bias.create(options)),
    norms: normed,
  };
  return compose(parts, (part, { x, mask }: MaskedTokens, context): tf.Tensor3D => {
    expectShape(x, ["B", "N", options.channels], `${who} input`);
    const { q, k, v } = heads.split(part, x); // [B, H, N, D] each
    const terms = [...(part.biases ?? []).map((bias) => bias(x.shape[1])), ...(mask === undefined ? [] : [mask])];
    const bias = terms.length === 0 ? undefined : terms.reduce((sum, term) => tf.add(sum, term));
    const compared = part.norms === undefined ? { q, k } : part.norms({ q, k });
    const weights = dotProductWeights(compared.q, compared.k, bias); // [B, H, N, N]
    observeWeights(context, weights, { queryGrid: options.grid, keyGrid: options.grid });
    return heads.join(part, tf.matMul(weights, v));
  });
}

/** The same over tokens alone. */
export function multiHead(options: AttentionOptions, settings: MultiHeadSettings, who: string) {
  const { init, apply } = maskedMultiHead(options, settings, who);
  return defineLayer({ init, apply: (params, x: tf.Tensor3D, context) => apply(params, { x }, context) });
}
