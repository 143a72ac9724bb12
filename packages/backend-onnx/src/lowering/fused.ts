import { GanymedeError } from "@ganymede/core";
import { binary, reshape } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { arithmetic } from "./arithmetic.js";
import { convolution } from "./convolution.js";
import { elementwise } from "./elementwise.js";
import type { Lowering, LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";

const activationKernels: Readonly<Record<string, string>> = {
  linear: "Identity",
  relu: "Relu",
  elu: "Elu",
  relu6: "Relu6",
  prelu: "Prelu",
  leakyrelu: "LeakyRelu",
  sigmoid: "Sigmoid",
};

function activate({ b, inputs, attrs }: LoweringInput, x: Value): Value {
  const name = attribute<string | undefined>(attrs, "activation") ?? "linear";
  const kernel = elementwise[activationKernels[name] ?? ""];
  if (kernel === undefined) {
    throw new GanymedeError(
      "unsupported",
      `onnx backend: an activation must be one of ${Object.keys(activationKernels).join(", ")}, got ${name}`,
    );
  }
  const weights = inputs.preluActivationWeights;
  const alpha = weights === undefined ? undefined : alongChannels({ b, inputs, attrs }, weights);
  return kernel({
    b,
    inputs: { x, ...(alpha === undefined ? {} : { alpha }) },
    attrs: { alpha: attribute<number>(attrs, "leakyreluAlpha") },
  }) as Value;
}

/** A vector with one number per channel, along the channel axis. */
function alongChannels({ b, attrs }: LoweringInput, vector: Value): Value {
  const channelsFirst = attribute<string | undefined>(attrs, "dataFormat") === "NCHW";
  return channelsFirst && vector.shape.length === 1 ? reshape(b, vector, [vector.shape[0]!, 1, 1]) : vector;
}

/** An operator followed by a bias and an activation. */
const fuse =
  (operator: Lowering) =>
  (input: LoweringInput): Value => {
    const y = operator(input) as Value;
    const bias = input.inputs.bias;
    return activate(input, bias === undefined ? y : binary(input.b, "Add", y, alongChannels(input, bias)));
  };

/** Fused kernels: an operator, a bias and an activation. */
export const fused: LoweringTable = {
  _FusedMatMul: fuse(arithmetic.BatchMatMul!),
  FusedConv2D: fuse(convolution.Conv2D!),
  FusedDepthwiseConv2D: fuse(convolution.DepthwiseConv2dNative!),
};
