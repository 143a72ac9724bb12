import { plainSagan as plain, sagan } from "@ganymede/attention";
import { inference } from "@ganymede/core";
import { observingAttention } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { fromImages, toImages, toMatrix } from "./layout.js";

interface SaganConfig {
  readonly channels: number;
  readonly key_channels: number;
  readonly pool: number;
}

const configOf = ({ file }: Golden) => file.config as unknown as SaganConfig;

/** A 1x1 convolution stored as `<name>.weight` [out, in, 1, 1] as a linear map of pixels. */
function pixelMap(golden: Golden, name: string) {
  const kernel = golden.tensor(`${name}.weight`);
  const weight = toMatrix(tf.reshape(kernel, kernel.shape.slice(0, 2)));
  return golden.has(`${name}.bias`) ? { weight, bias: golden.tensor<tf.Tensor1D>(`${name}.bias`) } : { weight };
}

/** What the block makes of the update. */
const gated = (x: tf.Tensor4D, update: tf.Tensor4D, gamma: tf.Tensor): tf.Tensor4D => tf.add(x, tf.mul(update, gamma));

export const pooledSagan: Adapter = (golden) => {
  const { channels, key_channels: headWidth, pool } = configOf(golden);
  const layer = sagan({ pool }).create({ channels, heads: 1, headWidth });
  const params = {
    query: pixelMap(golden, "conv1x1_theta"),
    keys: pixelMap(golden, "conv1x1_phi"),
    value: pixelMap(golden, "conv1x1_g"),
    output: pixelMap(golden, "conv1x1_attn"),
  };
  const x = toImages(golden.tensor("x"));
  return { out: fromImages(gated(x, layer.apply(params, x, inference), golden.tensor("sigma"))) };
};

export const plainSagan: Adapter = (golden) => {
  const { channels, key_channels: headWidth } = configOf(golden);
  const layer = plain().create({ channels, heads: 1, headWidth });
  const params = {
    query: pixelMap(golden, "query_conv"),
    keys: pixelMap(golden, "key_conv"),
    value: pixelMap(golden, "value_conv"),
  };
  const x = toImages(golden.tensor("x"));
  let weights: tf.Tensor | undefined;
  const observing = observingAttention(inference, (attention) => {
    weights = attention.weights;
  });
  const y = layer.apply(params, x, observing);
  return { out: fromImages(gated(x, y, golden.tensor("gamma"))), attn: tf.squeeze(weights as tf.Tensor, [1]) };
};
