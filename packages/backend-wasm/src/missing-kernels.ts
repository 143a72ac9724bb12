import * as tf from "@tensorflow/tfjs-core";
import { type ConvInfo, overFilter, padded, patch, unpatch } from "./patches.js";

type Shape4D = [number, number, number, number];
type Inputs = Readonly<Record<string, tf.Tensor>>;

/** Attributes of convolution kernels. */
interface ConvAttributes {
  readonly strides: number | [number, number];
  readonly pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly dilations?: number | [number, number];
}

function convInfo(input: Shape4D, filter: Shape4D, attrs: ConvAttributes, depthwise: boolean): ConvInfo {
  const { strides, pad, dimRoundingMode, dilations } = attrs;
  return tf.backend_util.computeConv2DInfo(input, filter, strides, dilations ?? 1, pad, dimRoundingMode, depthwise);
}

/** Rows of x summed by segment, as a product with a segment indicator matrix; ids out of range are ignored. */
function unsortedSegmentSum({ x, segmentIds }: Inputs, { numSegments }: { readonly numSegments: number }): tf.Tensor {
  const rows = segmentIds!.size;
  const rest = x!.shape.slice(segmentIds!.rank);
  const flat = tf.reshape<tf.Rank.R2>(tf.cast(x!, "float32"), [rows, tf.util.sizeFromShape(rest)]);
  const indicator = tf.cast(tf.oneHot(tf.reshape(tf.cast(segmentIds!, "int32"), [rows]), numSegments), "float32");
  const sums = tf.matMul(indicator as tf.Tensor2D, flat, true, false);
  return tf.cast(tf.reshape(sums, [numSegments, ...rest]), x!.dtype);
}

/** dW[i, j] = patch(i, j)^T dy. */
function filterGradient({ x, dy }: Inputs, attrs: ConvAttributes & { readonly filterShape: Shape4D }): tf.Tensor {
  const info = convInfo(x!.shape as Shape4D, attrs.filterShape, attrs, false);
  const around = padded(x as tf.Tensor4D, info);
  const outputs = tf.reshape<tf.Rank.R2>(dy!, [-1, info.outChannels]);
  const products = overFilter(info, (i, j) =>
    tf.matMul(tf.reshape<tf.Rank.R2>(patch(around, info, i, j), [-1, info.inChannels]), outputs, true, false),
  );
  return tf.reshape(tf.stack(products), attrs.filterShape);
}

/** dW[i, j, c, m] = sum over pixels of patch(i, j)[c] dy[c, m]. */
function depthwiseFilterGradient(
  { x, dy }: Inputs,
  attrs: ConvAttributes & { readonly filterShape: Shape4D },
): tf.Tensor {
  const info = convInfo(x!.shape as Shape4D, attrs.filterShape, attrs, true);
  const around = padded(x as tf.Tensor4D, info);
  const outputs = tf.reshape(dy!, [-1, info.inChannels, attrs.filterShape[3]]);
  const sums = overFilter(info, (i, j) =>
    tf.sum(tf.mul(tf.reshape(patch(around, info, i, j), [-1, info.inChannels, 1]), outputs), 0),
  );
  return tf.reshape(tf.stack(sums), attrs.filterShape);
}

/** dx = sum over filter positions of the contribution of each output to its input pixel. */
function depthwiseInputGradient(
  { dy, filter }: Inputs,
  attrs: ConvAttributes & { readonly inputShape: Shape4D },
): tf.Tensor {
  const shape = filter!.shape as Shape4D;
  const info = convInfo(attrs.inputShape, shape, attrs, true);
  const { batchSize, outHeight, outWidth, inChannels } = info;
  const outputs = tf.reshape(dy!, [batchSize, outHeight, outWidth, inChannels, shape[3]]);
  return tf.addN(
    overFilter(info, (i, j) => {
      const weights = tf.reshape(tf.slice(filter!, [i, j, 0, 0], [1, 1, inChannels, shape[3]]), [inChannels, shape[3]]);
      return unpatch(tf.sum(tf.mul(outputs, weights), 4) as tf.Tensor4D, info, i, j);
    }),
  );
}

const kernels: Readonly<Record<string, (inputs: Inputs, attrs: never) => tf.Tensor>> = {
  UnsortedSegmentSum: unsortedSegmentSum,
  Conv2DBackpropFilter: filterGradient,
  DepthwiseConv2dNativeBackpropFilter: depthwiseFilterGradient,
  DepthwiseConv2dNativeBackpropInput: depthwiseInputGradient,
};

/** Registers kernels that the backend lacks and gradients need, composed of existing ones. Images are [B, H, W, C]. */
export function registerMissingKernels(backendName: string): void {
  for (const [kernelName, compute] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, backendName) !== undefined) continue;
    const kernelFunc: tf.KernelFunc = ({ inputs, attrs }) => tf.tidy(() => compute(inputs as Inputs, attrs as never));
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
}
