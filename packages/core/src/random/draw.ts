import * as tf from "@tensorflow/tfjs-core";
import { activeTrace } from "../compile/trace.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { fillIntegers, fillNormal, fillUniform } from "./bits.js";
import type { Key } from "./key.js";

/** A random draw from one key; a compiled step refills it before each run. */
export type Draw =
  | { readonly kind: "normal"; readonly mean: number; readonly deviation: number }
  | { readonly kind: "uniform"; readonly low: number; readonly high: number }
  | { readonly kind: "integers"; readonly low: number; readonly high: number };

/** Fills a buffer with the draw of `key`; the same key gives the same numbers on every backend. */
export function fillDraw(out: Float32Array | Int32Array, draw: Draw, key: Key): void {
  if (draw.kind === "normal") fillNormal(out as Float32Array, key, draw.mean, draw.deviation);
  else if (draw.kind === "uniform") fillUniform(out as Float32Array, key, draw.low, draw.high);
  else fillIntegers(out as Int32Array, key, draw.low, draw.high);
}

/** Allocates memory for a draw; throws if a configuration asks for more than is available. */
function room(size: number, shape: readonly number[], dtype: "float32" | "int32"): Float32Array | Int32Array {
  try {
    return dtype === "int32" ? new Int32Array(size) : new Float32Array(size);
  } catch (cause) {
    throw new GanymedeError(
      "invalid-argument",
      `a tensor of shape [${shape.join(", ")}] must fit in memory, but needs ${((4 * size) / 1e9).toPrecision(3)} GB; choose smaller widths or sizes`,
      { cause },
    );
  }
}

function drawTensor<Rank extends tf.Rank>(key: Key, shape: tf.ShapeMap[Rank], draw: Draw): tf.Tensor<Rank> {
  const dtype = draw.kind === "integers" ? "int32" : "float32";
  if (key.traced !== undefined) return activeTrace().draw(key.traced, shape, dtype, draw) as tf.Tensor<Rank>;
  const values = room(tf.util.sizeFromShape(shape), shape, dtype);
  fillDraw(values, draw, key);
  return tf.tensor(values, shape, dtype);
}

/** Normal draws of the given mean and standard deviation. One key, one draw. */
export function normal<Rank extends tf.Rank = tf.Rank>(
  key: Key,
  shape: tf.ShapeMap[Rank],
  mean = 0,
  deviation = 1,
): tf.Tensor<Rank> {
  return drawTensor<Rank>(key, shape, { kind: "normal", mean, deviation });
}

/** Uniform draws in [low, high). One key, one draw. */
export function uniform<Rank extends tf.Rank = tf.Rank>(
  key: Key,
  shape: tf.ShapeMap[Rank],
  low = 0,
  high = 1,
): tf.Tensor<Rank> {
  return drawTensor<Rank>(key, shape, { kind: "uniform", low, high });
}

/** Uniform int32 draws in [low, high). One key, one draw. */
export function integers<Rank extends tf.Rank = tf.Rank>(
  key: Key,
  shape: tf.ShapeMap[Rank],
  low: number,
  high: number,
): tf.Tensor<Rank> {
  return drawTensor<Rank>(key, shape, { kind: "integers", low, high });
}
