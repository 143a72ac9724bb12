import { GanymedeError, type TorchTensor } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { ClassifierParams, InceptionParams } from "./inception.js";
import { convolutionsFor, logitCount } from "./inception-table.js";

/** Added to variances under the root, as in the graph of 2015. */
const batchNormEpsilon = 0.001;

type Tensors = ReadonlyMap<string, TorchTensor>;

function floats(
  tensors: Tensors,
  name: string,
  shape: readonly number[],
  who: string,
  axes?: readonly number[],
): Float32Array {
  const tensor = tensors.get(name);
  if (tensor === undefined || tensor.shape.join() !== shape.join()) {
    throw new GanymedeError(
      "invalid-data",
      `${who}: "${name}" must have shape [${shape.join(", ")}], got ${tensor === undefined ? "none" : `[${tensor.shape.join(", ")}]`}; give the weights of the FID Inception network`,
    );
  }
  return Float32Array.from(tensor.read(axes));
}

/**
 * Parameters from the state dict of pytorch-fid's `pt_inception-2015-12-05-6726825d.pth`. Batch norm is folded in:
 * kernel * s and shift - mean * s, with s = scale / sqrt(variance + 0.001). The caller owns the tensors.
 *
 * @throws GanymedeError `invalid-data` naming the first layer that is missing or of another shape.
 */
export function torchWeights(tensors: Tensors, who: string): { layers: InceptionParams; classifier: ClassifierParams } {
  const layers = convolutionsFor(2048).map(({ name, inputs, outputs, kernel: [height, width] }) => {
    const shape = [outputs, inputs, height, width];
    const weights = floats(tensors, `${name}.conv.weight`, shape, who, [2, 3, 1, 0]);
    const [scale, shift, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map((part) =>
      floats(tensors, `${name}.bn.${part}`, [outputs], who),
    ) as [Float32Array, Float32Array, Float32Array, Float32Array];
    const factor = Float64Array.from(scale, (value, o) => value / Math.sqrt(variance[o]! + batchNormEpsilon));
    for (let i = 0; i < weights.length; i++) weights[i] = weights[i]! * factor[i % outputs]!;
    const bias = Float32Array.from(shift, (value, o) => value - mean[o]! * factor[o]!);
    return { name, weights, bias, shape: [height, width, inputs, outputs] as [number, number, number, number] };
  });
  const weight = floats(tensors, "fc.weight", [logitCount, 2048], who, [1, 0]);
  const bias = floats(tensors, "fc.bias", [logitCount], who);
  // Tensors are made only when all of the file has been checked.
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
