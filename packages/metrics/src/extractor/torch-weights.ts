import { GanymedeError } from "@ganymede/core";
import { allFinite, type TorchTensor } from "@ganymede/core/checkpoint";
import * as tf from "@tensorflow/tfjs-core";
import type { ClassifierParams, InceptionParams } from "./inception.js";
import { convolutionsFor, logitCount } from "./inception-table.js";

/** Added to variances under the root, as in the graph of 2015. */
const batchNormEpsilon = 0.001;

type Tensors = ReadonlyMap<string, TorchTensor>;

async function floats(
  tensors: Tensors,
  name: string,
  shape: readonly number[],
  who: string,
  axes?: readonly number[],
): Promise<Float32Array> {
  const tensor = tensors.get(name);
  if (tensor === undefined || tensor.shape.join() !== shape.join()) {
    throw new GanymedeError(
      "invalid-data",
      `${who}: "${name}" must have shape [${shape.join(", ")}], got ${tensor === undefined ? "none" : `[${tensor.shape.join(", ")}]`}; use the weights of the FID Inception network`,
    );
  }
  const values = await tensor.read(axes);
  const floats = values instanceof Float32Array ? values : Float32Array.from(values);
  if (!allFinite(floats)) {
    throw new GanymedeError("invalid-data", `${who}: "${name}" has non-finite values; use another copy of the file`);
  }
  return floats;
}

/**
 * Parameters from the state dict of pytorch-fid's `pt_inception-2015-12-05-6726825d.pth`. Batch norm is folded in:
 * kernel * s and shift - mean * s, with s = scale / sqrt(variance + 0.001). The caller owns the tensors.
 *
 * @throws GanymedeError `invalid-data` with the first layer that is missing or of another shape.
 */
export async function torchWeights(
  tensors: Tensors,
  who: string,
): Promise<{ layers: InceptionParams; classifier: ClassifierParams }> {
  const read = (name: string, shape: readonly number[], axes?: readonly number[]): Promise<Float32Array> =>
    floats(tensors, name, shape, who, axes);
  const layers = [];
  for (const { name, inputs, outputs, kernel } of convolutionsFor(2048)) {
    const [height, width] = kernel;
    const weights = await read(`${name}.conv.weight`, [outputs, inputs, height, width], [2, 3, 1, 0]);
    const [scale, shift] = [await read(`${name}.bn.weight`, [outputs]), await read(`${name}.bn.bias`, [outputs])];
    const mean = await read(`${name}.bn.running_mean`, [outputs]);
    const variance = await read(`${name}.bn.running_var`, [outputs]);
    const factor = Float64Array.from(scale, (value, o) => value / Math.sqrt(variance[o]! + batchNormEpsilon));
    for (let i = 0; i < weights.length; i++) weights[i] = weights[i]! * factor[i % outputs]!;
    const bias = Float32Array.from(shift, (value, o) => value - mean[o]! * factor[o]!);
    layers.push({ name, weights, bias, shape: [height, width, inputs, outputs] as [number, number, number, number] });
  }
  const weight = await read("fc.weight", [logitCount, 2048], [1, 0]);
  const bias = await read("fc.bias", [logitCount]);
  // Tensors are created only after the whole file has been checked.
  return {
    layers: Object.fromEntries(
      layers.map(({ name, weights, bias, shape }) => [
        name,
        { kernel: tf.tensor4d(weights, shape), bias: tf.tensor1d(bias) },
      ]),
    ),
    classifier: { weight: tf.tensor2d(weight, [2048, logitCount]), bias: tf.tensor1d(bias) },
  };
}
