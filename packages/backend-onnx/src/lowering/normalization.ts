import type { GraphBuilder } from "../graph/builder.js";
import { binary, cast, unary } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";

/** `(x - mean) / sqrt(variance + epsilon) scale + offset`. */
function batchNorm({ b, inputs, attrs }: LoweringInput): Value {
  const epsilon = attribute<number | undefined>(attrs, "varianceEpsilon") ?? 0.001;
  const deviation = unary(b, "Sqrt", binary(b, "Add", inputs.variance!, b.scalar("float32", epsilon)));
  const factor =
    inputs.scale === undefined ? unary(b, "Reciprocal", deviation) : binary(b, "Div", inputs.scale, deviation);
  const scaled = binary(b, "Mul", binary(b, "Sub", inputs.x!, inputs.mean!), factor);
  return inputs.offset === undefined ? scaled : binary(b, "Add", scaled, inputs.offset);
}

/** Sums over channels at most `radius` apart: a product with a band matrix of ones. */
function sumNear(b: GraphBuilder, x: Value, radius: number): Value {
  const channels = x.shape[x.shape.length - 1]!;
  const band = Float32Array.from({ length: channels * channels }, (_, i) =>
    Math.abs(Math.floor(i / channels) - (i % channels)) <= radius ? 1 : 0,
  );
  return b.apply("MatMul", [x, b.constant("float32", [channels, channels], band)], { type: x.type, shape: x.shape });
}

interface Response {
  readonly alpha: number;
  readonly beta: number;
  readonly radius: number;
  /** `bias + alpha sum(x^2)` over neighbouring channels. */
  readonly norm: Value;
  /** The norm to the power of -beta. */
  readonly factor: Value;
}

function response({ b, inputs, attrs }: LoweringInput): Response {
  const x = cast(b, inputs.x!, "float32");
  const number = (name: string): number => attribute<number>(attrs, name);
  const [radius, alpha, beta] = [number("depthRadius"), number("alpha"), number("beta")];
  const energy = sumNear(b, binary(b, "Mul", x, x), radius);
  const norm = binary(
    b,
    "Add",
    binary(b, "Mul", energy, b.scalar("float32", alpha)),
    b.scalar("float32", number("bias")),
  );
  return { alpha, beta, radius, norm, factor: binary(b, "Pow", norm, b.scalar("float32", -beta)) };
}

/** `x (bias + alpha sum(x^2))^-beta`, the sum over near channels (Krizhevsky et al. 2012, section 3.3). */
function localResponse(input: LoweringInput): Value {
  const { b, inputs } = input;
  return cast(b, binary(b, "Mul", cast(b, inputs.x!, "float32"), response(input).factor), inputs.x!.type);
}

/** `dx = dy norm^-beta - 2 alpha beta x sum(dy y / norm)`, the sum over near channels. */
function localResponseGradient(input: LoweringInput): Value {
  const { b, inputs } = input;
  const { alpha, beta, radius, norm, factor } = response(input);
  const direct = binary(b, "Mul", inputs.dy!, factor);
  const shared = sumNear(b, binary(b, "Div", binary(b, "Mul", inputs.dy!, inputs.y!), norm), radius);
  const scaled = binary(b, "Mul", binary(b, "Mul", inputs.x!, shared), b.scalar("float32", 2 * alpha * beta));
  return binary(b, "Sub", direct, scaled);
}

export const normalization: LoweringTable = {
  FusedBatchNorm: batchNorm,
  LRN: localResponse,
  LRNGrad: localResponseGradient,
};
