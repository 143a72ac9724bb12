import { GanymedeError } from "@ganymede/core";
import type * as tf from "@tensorflow/tfjs-core";
import type { GraphBuilder } from "../graph/builder.js";
import { binary, cast, concat, reshape, slice, unary, where } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { sizeOf } from "../graph/value.js";
import { lowerings } from "../lowering/table.js";
import type { OnnxBackend } from "../recorder.js";

interface Pair {
  readonly real: Value;
  readonly imag: Value;
}

/** Kernels that only move, add or drop elements: a complex tensor is handled part by part. */
const partwise = new Set([
  "Add",
  "AddN",
  "BroadcastTo",
  "BatchToSpaceND",
  "Concat",
  "ExpandDims",
  "GatherNd",
  "GatherV2",
  "Identity",
  "Neg",
  "Pack",
  "PadV2",
  "Reshape",
  "Reverse",
  "Select",
  "Slice",
  "SpaceToBatchND",
  "SplitV",
  "StridedSlice",
  "Sub",
  "Sum",
  "Tile",
  "Transpose",
  "Unpack",
  "ZerosLike",
]);

interface ComplexInput {
  readonly b: GraphBuilder;
  /** An input's parts; the imaginary part of a real tensor is 0. */
  readonly pair: (name: string) => Pair;
  readonly attrs: tf.NamedAttrMap;
}

/** The discrete Fourier transform along the last axis. */
const transform =
  (inverse: boolean) =>
  ({ b, pair }: ComplexInput): Pair => {
    const { real, imag } = pair("input");
    const length = real.shape[real.shape.length - 1]!;
    const rows = sizeOf(real.shape) / Math.max(1, length);
    const column = [rows, length, 1];
    const both = concat(b, [reshape(b, real, column), reshape(b, imag, column)], 2);
    const output = { type: real.type, shape: both.shape };
    const result =
      both.shape.includes(0) || length === 1
        ? both
        : b.apply("DFT", [both, null, b.scalar("int64", 1)], output, { inverse: inverse ? 1 : 0 });
    const part = (at: number): Value => reshape(b, slice(b, result, [0, 0, at], column), real.shape);
    return { real: part(0), imag: part(1) };
  };

/** (a + bi)(c + di) = ac - bd + (ad + bc)i. */
function multiply({ b, pair }: ComplexInput): Pair {
  const [x, y] = [pair("a"), pair("b")];
  const product = (p: Value, q: Value): Value => binary(b, "Mul", p, q);
  return {
    real: binary(b, "Sub", product(x.real, y.real), product(x.imag, y.imag)),
    imag: binary(b, "Add", product(x.real, y.imag), product(x.imag, y.real)),
  };
}

function absolute({ b, pair }: ComplexInput): Value {
  const { real, imag } = pair("x");
  const [first, second] = [unary(b, "Abs", real), unary(b, "Abs", imag)];
  const [large, small] = [binary(b, "Max", first, second), binary(b, "Min", first, second)];
  // Squares of the ratio, not of the parts, which could underflow or overflow.
  const zero = binary(b, "Equal", large, b.scalar("float32", 0), "bool");
  const ratio = binary(b, "Div", small, where(b, zero, b.fill("float32", large.shape, 1), large));
  const stretch = unary(b, "Sqrt", binary(b, "Add", binary(b, "Mul", ratio, ratio), b.scalar("float32", 1)));
  return binary(b, "Mul", large, stretch);
}

function convert({ b, pair, attrs }: ComplexInput): Pair | Value {
  const x = pair("x");
  return attrs.dtype === "complex64" ? x : cast(b, x.real, attrs.dtype as "float32" | "int32" | "bool");
}

const formulas: Readonly<Record<string, (input: ComplexInput) => Pair | Value>> = {
  Complex: ({ pair }) => ({ real: pair("real").real, imag: pair("imag").real }),
  Real: ({ pair }) => pair("input").real,
  Imag: ({ pair }) => pair("input").imag,
  ComplexAbs: absolute,
  Cast: convert,
  Multiply: multiply,
  Square: ({ pair, ...rest }) => multiply({ ...rest, pair: () => pair("x") }),
  OnesLike: ({ b, pair }) => {
    const { real } = pair("x");
    return { real: b.fill("float32", real.shape, 1), imag: b.fill("float32", real.shape, 0) };
  },
  Fill: ({ b, attrs }) => {
    const shape = attrs.shape as number[];
    return { real: b.fill("float32", shape, Number(attrs.value)), imag: b.fill("float32", shape, 0) };
  },
  FFT: transform(false),
  IFFT: transform(true),
};

/** Kernels with complex inputs or outputs. */
export const complexKernels: readonly string[] = [...partwise, ...Object.keys(formulas)].sort();

/** Runs a kernel on complex tensors, as nodes on their real and imaginary parts. */
export function recordComplex(
  backend: OnnxBackend,
  kernelName: string,
  inputs: tf.NamedTensorInfoMap,
  attrs: tf.NamedAttrMap,
): tf.TensorInfo | tf.TensorInfo[] {
  const b = backend.builder;
  const toPair = (info: tf.TensorInfo): Pair => {
    const { parts } = backend.entry(info.dataId);
    if (parts !== undefined) return { real: backend.valueFor(parts.real), imag: backend.valueFor(parts.imag) };
    const real = cast(b, backend.valueFor(info), "float32");
    return { real, imag: b.fill("float32", real.shape, 0) };
  };
  if (partwise.has(kernelName)) {
    const results = (["real", "imag"] as const).map((part) => {
      const values = Object.entries(inputs)
        .filter(([, info]) => info !== undefined && info !== null)
        .map(([name, info]): [string, Value] => [
          name,
          info!.dtype === "complex64" ? toPair(info!)[part] : backend.valueFor(info!),
        ]);
      return [lowerings[kernelName]!({ b, inputs: Object.fromEntries(values), attrs })].flat();
    });
    const outputs = results[0]!.map((real, i) => backend.wrapComplex(real, results[1]![i]!));
    return outputs.length === 1 && !["SplitV", "Unpack"].includes(kernelName) ? outputs[0]! : outputs;
  }
  const formula = formulas[kernelName];
  if (formula === undefined) {
    throw new GanymedeError(
      "unsupported",
      `onnx backend: ${kernelName} does not support complex64 tensors; supported kernels are ${complexKernels.join(", ")}`,
    );
  }
  const result = formula({ b, attrs, pair: (name) => toPair(inputs[name]!) });
  return "real" in result ? backend.wrapComplex(result.real, result.imag) : backend.wrap(result);
}
