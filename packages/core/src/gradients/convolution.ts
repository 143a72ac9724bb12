import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";
import { defineGradient } from "./define-gradient.js";

interface Geometry {
  strides: number | [number, number];
  pad: "valid" | "same" | number | tf.backend_util.ExplicitPadding;
  dataFormat: "NHWC" | "NCHW";
  dilations?: number | [number, number];
  dimRoundingMode?: "floor" | "round" | "ceil";
}

type FilterShape = [number, number, number, number];

function run(kernel: string, inputs: Record<string, tf.Tensor>, attrs: object): tf.Tensor {
  return tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;
}

/**
 * A convolution is bilinear, so three kernels are closed under differentiation: the convolution of x with w, its adjoint in x
 * (`Conv2DBackpropInput`) and its adjoint in w (`Conv2DBackpropFilter`). The same holds for depthwise convolutions.
 */
function registerTriple(forward: string, toInput: string, toFilter: string): void {
  const convolve = (x: tf.Tensor, filter: tf.Tensor, g: Geometry): tf.Tensor =>
    run(forward, { x, filter }, geometry(g));
  const adjointX = (dy: tf.Tensor, filter: tf.Tensor, inputShape: number[], g: Geometry): tf.Tensor =>
    run(toInput, { dy, filter }, { ...geometry(g), inputShape });
  const adjointW = (x: tf.Tensor, dy: tf.Tensor, filterShape: FilterShape, g: Geometry): tf.Tensor =>
    run(toFilter, { x, dy }, { ...geometry(g), filterShape });

  defineGradient<Geometry>(forward, ["x", "filter"], (dy, [x, filter], _y, g) => {
    expectDense(forward, g);
    return [() => adjointX(dy, filter!, x!.shape, g), () => adjointW(x!, dy, filter!.shape as FilterShape, g)];
  });
  defineGradient<Geometry>(toInput, ["dy", "filter"], (ddx, [dy, filter], _y, g) => [
    () => convolve(ddx, filter!, g),
    () => adjointW(ddx, dy!, filter!.shape as FilterShape, g),
  ]);
  defineGradient<Geometry>(toFilter, ["x", "dy"], (ddw, [x, dy], _y, g) => [
    () => adjointX(dy!, ddw, x!.shape, g),
    () => convolve(x!, ddw, g),
  ]);
}

/** tfjs's adjoint kernels do not support dilation. */
function expectDense(kernel: string, g: Geometry): void {
  const dilations = [g.dilations ?? 1].flat();
  if (dilations.some((d) => d !== 1)) {
    throw new GanymedeError(
      "unsupported",
      `${kernel}: the gradient needs dilations of 1, got [${dilations.join(", ")}]; dilate the filter with zeros instead`,
    );
  }
}

function geometry(g: Geometry): Geometry {
  return {
    strides: g.strides,
    pad: g.pad,
    dataFormat: g.dataFormat ?? "NHWC",
    dilations: g.dilations ?? 1,
    ...(g.dimRoundingMode === undefined ? {} : { dimRoundingMode: g.dimRoundingMode }),
  };
}

/** Gradients of convolutions. */
export function registerConvolutions(): void {
  registerTriple("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter");
  registerTriple("DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput", "DepthwiseConv2dNativeBackpropFilter");
}
