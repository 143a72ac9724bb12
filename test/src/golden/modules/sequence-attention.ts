import type { HalfInput } from "@ganymede/attention";
import {
  bucketsOf,
  hashedAttention,
  keyFeatures,
  linearProduct,
  queryFeatures,
  reversible,
  sharedWeights,
} from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { defineLayer, inference } from "@ganymede/core";
import type { LinearParams } from "@ganymede/core/nn";
import { gelu, layerNorm, linearMap } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { linearAt } from "./layout.js";

interface LshConfig {
  readonly bucket_size: number;
  readonly n_hashes: number;
  readonly attend_across_buckets: boolean;
  readonly allow_duplicate_attention: boolean;
  readonly causal: boolean;
  readonly self_value: number;
}

export const lshAttention: Adapter = (golden) => {
  const config = golden.file.config as unknown as LshConfig;
  const [qk, v] = [golden.tensor<tf.Tensor3D>("qk"), golden.tensor<tf.Tensor3D>("v")];
  const buckets = bucketsOf(qk, tf.squeeze(golden.tensor<tf.Tensor>("rotations"), [0]));
  const out = hashedAttention(qk, v, buckets, {
    bucketSize: config.bucket_size,
    acrossBuckets: config.attend_across_buckets,
    duplicates: config.allow_duplicate_attention,
    causal: config.causal,
    selfLogit: config.self_value,
  });
  // The file numbers the buckets of a round behind those of the rounds before.
  const count = qk.shape[1] / config.bucket_size;
  const first = tf.mul(tf.range(0, config.n_hashes, 1, "int32"), tf.scalar(count, "int32"));
  return { out, buckets: tf.add(tf.cast(buckets, "int32"), tf.reshape(first, [1, -1, 1])) };
};

export const fullQk: Adapter = (golden) => {
  const [qk, v] = [golden.tensor<tf.Tensor3D>("qk"), golden.tensor<tf.Tensor3D>("v")];
  const { causal, self_value: selfLogit } = golden.file.config as unknown as LshConfig;
  const weights = sharedWeights(tf.expandDims(qk, 1) as tf.Tensor4D, { causal, selfLogit });
  return { out: tf.squeeze(tf.matMul(weights, tf.expandDims(v, 1)), [1]) };
};

export const favor: Adapter = (golden) => {
  const { eps } = golden.file.config as { readonly eps: number };
  const projection = golden.tensor<tf.Tensor2D>("projection");
  const q = queryFeatures(golden.tensor("q"), projection, eps);
  const k = keyFeatures(golden.tensor("k"), projection, eps);
  return { q_features: q, k_features: k, out: linearProduct(q, k, golden.tensor("v")) };
};

type HalfParams = {
  readonly norm: { readonly scale: tf.Tensor1D; readonly shift: tf.Tensor1D };
  readonly map: LinearParams;
};

/** LayerNorm, a linear map, an activation. */
function half(width: number, epsilon: number, activation: (x: tf.Tensor) => tf.Tensor) {
  const norm = layerNorm({ width, epsilon });
  return defineLayer<HalfParams & ParamTree, HalfInput, tf.Tensor3D>({
    init: () => ({ norm: norm.init({ words: [0, 0] }), map: { weight: tf.zeros([width, width]) } }),
    apply: ({ norm: scaleShift, map }, { x }) =>
      activation(linearMap(norm.apply(scaleShift, x, inference), map.weight, map.bias)) as tf.Tensor3D,
  });
}

function halfAt(golden: Golden, name: string): HalfParams & ParamTree {
  return {
    norm: { scale: golden.tensor(`${name}.0.weight`), shift: golden.tensor(`${name}.0.bias`) },
    map: linearAt(golden, `${name}.1.`),
  };
}

export const reversibleBlock: Adapter = (golden) => {
  const { dim, ln_eps } = golden.file.config as { readonly dim: number; readonly ln_eps: number };
  const layer = reversible([{ f: half(dim, ln_eps, gelu), g: half(dim, ln_eps, tf.tanh) }]);
  return {
    out: layer.apply([{ f: halfAt(golden, "f"), g: halfAt(golden, "g") }], { x: golden.tensor("x") }, inference),
  };
};
