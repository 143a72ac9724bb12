import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { InceptionParams } from "./inception.js";
import { convolutionsFor, type FeatureSize } from "./inception-table.js";

/** Reads a file of the folder by name. */
export type ReadFile = (name: string) => Promise<Uint8Array>;

/** Feature widths that the folder's weights support: they end at the layer before Mixed_7b. */
export const datFeatureSizes = [64, 192, 768] as const satisfies readonly FeatureSize[];

async function readFloats(read: ReadFile, name: string, count: number): Promise<Float32Array> {
  const bytes = await read(name);
  if (bytes.length !== 4 * count) {
    throw new GanymedeError(
      "invalid-data",
      `Inception weights: ${name} must have ${4 * count} bytes, got ${bytes.length}; the file is truncated or belongs to another network; replace it`,
    );
  }
  return new Float32Array(new Uint8Array(bytes).buffer);
}

/** `[out, kh, kw, in]` to `[kh, kw, in, out]`. */
function toKernelOrder(values: Float32Array, outputs: number): Float32Array {
  const inner = values.length / outputs;
  const out = new Float32Array(values.length);
  for (let o = 0; o < outputs; o++) for (let i = 0; i < inner; i++) out[i * outputs + o] = values[o * inner + i]!;
  return out;
}

/**
 * Reads parameters from a folder of raw files, `weights_NAME.dat` `[out][kh][kw][in]` and `bias_NAME.dat` `[out]` in little-endian
 * float32, with batch norm folded in; NAME is the layer's name in TensorFlow's graph. The caller owns the tensors.
 *
 * @throws GanymedeError `invalid-data` with the file if its size is wrong.
 */
export async function readDatWeights(read: ReadFile, dims: FeatureSize): Promise<InceptionParams> {
  const layers = convolutionsFor(dims).map(async ({ name, graphName, inputs, outputs, kernel }) => {
    const [height, width] = kernel;
    const [weights, bias] = await Promise.all([
      readFloats(read, `weights_${graphName}.dat`, outputs * height * width * inputs),
      readFloats(read, `bias_${graphName}.dat`, outputs),
    ]);
    return { name, shape: [height, width, inputs, outputs] as [number, number, number, number], weights, bias };
  });
  // Tensors are created only after every file has been read, so that a failure leaks none.
  return Object.fromEntries(
    (await Promise.all(layers)).map(({ name, shape, weights, bias }) => [
      name,
      { kernel: tf.tensor4d(toKernelOrder(weights, shape[3]), shape), bias: tf.tensor1d(bias) },
    ]),
  );
}
