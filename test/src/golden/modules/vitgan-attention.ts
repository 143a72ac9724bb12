import {
  l2,
  l2Weights,
  releaseDotProduct as releaseDotProductVariant,
  releaseL2 as releaseL2Variant,
} from "@ganymede/attention";
import { inference } from "@ganymede/core";
import type { LinearFactory } from "@ganymede/core/nn";
import { equalizedLinear, linear, linearMap, splitHeads } from "@ganymede/core/nn";
import type * as tf from "@tensorflow/tfjs-core";
import type { Adapter } from "../adapter.js";
import { linearAt, toMatrix } from "./layout.js";

interface AttentionConfig {
  readonly dim: number;
  readonly heads: number;
  readonly dim_head: number;
  readonly equalized_lr: boolean;
}

function optionsOf({ dim, heads, dim_head, equalized_lr }: AttentionConfig) {
  const factory: LinearFactory = equalized_lr ? equalizedLinear : linear;
  return { channels: dim, heads, headWidth: dim_head, linear: factory };
}

function release(variant: ReturnType<typeof releaseL2Variant> | ReturnType<typeof releaseDotProductVariant>): Adapter {
  return (golden) => {
    const layer = variant.create(optionsOf(golden.file.config as unknown as AttentionConfig));
    const params = {
      projection: linearAt(golden, "to_qkv."),
      output: linearAt(golden, "to_out."),
      temperature: golden.tensor<tf.Tensor1D>("temperature"),
    };
    return { out: layer.apply(params, golden.tensor<tf.Tensor3D>("x"), inference) };
  };
}

export const releaseL2: Adapter = release(releaseL2Variant());
export const releaseDotProduct: Adapter = release(releaseDotProductVariant());

export const tiedL2: Adapter = (golden) => {
  const config = golden.file.config as unknown as AttentionConfig;
  const layer = l2().create(optionsOf(config));
  const x = golden.tensor<tf.Tensor3D>("x");
  const query = toMatrix(golden.tensor("w_qk"));
  const params = {
    query: { weight: query },
    value: { weight: toMatrix(golden.tensor("w_v")) },
    output: { weight: toMatrix(golden.tensor("w_o")), bias: golden.tensor<tf.Tensor1D>("b_o") },
  };
  return { out: layer.apply(params, x, inference), attn: l2Weights(splitHeads(linearMap(x, query), config.heads)) };
};
