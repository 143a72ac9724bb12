import { addTokenNoise, bandMask, dotProduct, dotProductWith, relative as relativeVariant } from "@ganymede/attention";
import { inference } from "@ganymede/core";
import type { LinearParams } from "@ganymede/core/nn";
import { pixelNorm, relativeIndex, relativePositionTable } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { linearAt, toMatrix } from "./layout.js";

interface AttentionConfig {
  readonly dim: number;
  readonly heads: number;
  readonly window: number;
  readonly relative_position: boolean;
  readonly band: number;
  readonly masks: readonly (readonly [tokens: number, width: number])[];
}

const configOf = (golden: Golden) => golden.file.config as unknown as AttentionConfig;

/** Queries, keys and values, which the file keeps as one map in this order, and the output. */
export function headsAt(golden: Golden, prefix = "") {
  const weights = tf.split(toMatrix(golden.tensor(`${prefix}qkv.weight`)), 3, 1) as tf.Tensor2D[];
  const bias = `${prefix}qkv.bias`;
  const biases = golden.has(bias) ? (tf.split(golden.tensor(bias), 3) as tf.Tensor1D[]) : [];
  const at = (i: number): LinearParams => {
    const [weight, bias] = [weights[i] as tf.Tensor2D, biases[i]];
    return bias === undefined ? { weight } : { weight, bias };
  };
  return { query: at(0), keys: at(1), value: at(2), output: linearAt(golden, `${prefix}proj.`) };
}

function relative(golden: Golden, x: tf.Tensor3D): tf.Tensor3D {
  const { dim: channels, heads, window, relative_position } = configOf(golden);
  if (!relative_position) return dotProduct().create({ channels, heads }).apply(headsAt(golden), x, inference);
  const grid = [window, window] as const;
  const layer = relativeVariant().create({ channels, heads, grid });
  return layer.apply(
    { ...headsAt(golden), biases: [{ table: golden.tensor("relative_position_bias_table") }] },
    x,
    inference,
  );
}

export const relativeAttention: Adapter = (golden) => {
  const { heads, window } = configOf(golden);
  const table = golden.tensor<tf.Tensor2D>("relative_position_bias_table");
  return {
    out: relative(golden, golden.tensor("x")),
    relative_position_index: relativeIndex(window, window),
    bias_matrix: relativePositionTable({ grid: [window, window], heads }).apply({ table }, undefined, inference),
  };
};

export const relativeIndices: Adapter = ({ file }) => {
  const { windows } = file.config as { readonly windows: readonly number[] };
  return Object.fromEntries(windows.map((side) => [`index_w${side}`, relativeIndex(side, side)]));
};

export const noiseAttention: Adapter = (golden) => {
  const strength = golden.tensor<tf.Tensor1D>("noise_strength_1");
  return { out: relative(golden, addTokenNoise(golden.tensor("x"), golden.tensor("noise"), strength)) };
};

export const bandMaskAttention: Adapter = (golden) => {
  const { dim: channels, heads, band, masks } = configOf(golden);
  const [params, x] = [headsAt(golden), golden.tensor<tf.Tensor3D>("x")];
  const stored = masks.map(([tokens, width]) => {
    const added = bandMask(width).create({ channels, heads }).apply({}, tokens, inference);
    return [`mask_N${tokens}_w${width}`, tf.cast(tf.equal(added, 0), "float32")];
  });
  const masked = dotProductWith({ biases: [bandMask(band)] }).create({ channels, heads });
  return {
    ...Object.fromEntries(stored),
    out: masked.apply({ ...params, biases: [{}] }, x, inference),
    out_nomask: dotProduct().create({ channels, heads }).apply(params, x, inference),
  };
};

export const tokenPixelNorm: Adapter = (golden) => ({
  out: pixelNorm(golden.tensor("x"), (golden.file.config as { readonly eps: number }).eps),
});
