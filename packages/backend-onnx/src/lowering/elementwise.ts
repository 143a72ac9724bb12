import type { GraphBuilder } from "../graph/builder.js";
import { binary, cast, unary, where } from "../graph/operations.js";
import type { ElementType, Value } from "../graph/value.js";
import type { Lowering, LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";
import { convert } from "./types.js";

const one =
  (op: string) =>
  ({ b, inputs }: LoweringInput): Value =>
    unary(b, op, inputs.x!);

/** Computes in floating point. */
const toFloats =
  (lowering: Lowering) =>
  (input: LoweringInput): Value =>
    lowering({ ...input, inputs: { ...input.inputs, x: cast(input.b, input.inputs.x!, "float32") } }) as Value;

/** Computes in floating point and converts back to the input's type, like tfjs for integers. */
const ofFloats =
  (lowering: Lowering) =>
  (input: LoweringInput): Value =>
    fromFloats(input.b, toFloats(lowering)(input), input.inputs.x!.type);

/** The integer part; booleans are converted to numbers. */
function fromFloats(b: GraphBuilder, x: Value, type: ElementType): Value {
  return type === "bool" ? cast(b, convert(b, x, "int32"), "bool") : convert(b, x, type);
}

type Formula = (b: GraphBuilder, x: Value) => Value;

const composed =
  (formula: Formula) =>
  ({ b, inputs }: LoweringInput): Value =>
    formula(b, inputs.x!);

const constant = (b: GraphBuilder, value: number): Value => b.scalar("float32", value);

/** 1 for x > 0, else alpha; NaN stays NaN, as in the operators Sign and Relu. */
function step({ b, inputs, attrs }: LoweringInput): Value {
  const { type } = inputs.x!;
  const alpha = attribute<number | undefined>(attrs, "alpha") ?? 0;
  const positive = unary(b, "Relu", unary(b, "Sign", cast(b, inputs.x!, "float32")));
  const scaled =
    alpha === 0 ? positive : binary(b, "Add", binary(b, "Mul", positive, constant(b, 1 - alpha)), constant(b, alpha));
  return fromFloats(b, scaled, type);
}

/** -1, 0 or 1; 0 for NaN. */
const sign: Formula = (b, x) => {
  const found = unary(b, "Sign", x);
  if (x.type !== "float32") return found;
  const notNumbers = b.apply("IsNaN", [x], { type: "bool", shape: x.shape });
  return where(b, notNumbers, b.fill("float32", x.shape, 0), found);
};

/** Floating point for integers, as in tfjs. */
function exponential({ b, inputs }: LoweringInput): Value {
  const x = inputs.x!;
  return x.type === "float32" ? unary(b, "Exp", x) : cast(b, unary(b, "Exp", cast(b, x, "float64")), "float32");
}

function leakyRelu({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const alpha = { float: attribute<number>(attrs, "alpha") };
  return b.apply("LeakyRelu", [x], { type: x.type, shape: x.shape }, { alpha });
}

function clip({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const [low, high] = [attribute<number>(attrs, "clipValueMin"), attribute<number>(attrs, "clipValueMax")];
  return b.apply("Clip", [x, b.scalar(x.type, low), b.scalar(x.type, high)], { type: x.type, shape: x.shape });
}

function prelu({ b, inputs }: LoweringInput): Value {
  const x = cast(b, inputs.x!, "float32");
  const zero = constant(b, 0);
  const negative = binary(b, "Min", x, zero);
  return binary(b, "Add", unary(b, "Relu", x), binary(b, "Mul", cast(b, inputs.alpha!, "float32"), negative));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|), which does not overflow. */
const softplus: Formula = (b, x) => {
  const tail = unary(b, "Exp", unary(b, "Neg", unary(b, "Abs", x)));
  return binary(b, "Add", unary(b, "Relu", x), logOnePlus(b, tail));
};

/**
 * ln(1 + x) that is accurate for small x: ln(u) x / (u - 1) with u = 1 + x rounded, and x itself where u is 1 (Kahan).
 */
const logOnePlus: Formula = (b, x) => {
  const u = binary(b, "Add", x, constant(b, 1));
  const change = binary(b, "Sub", u, constant(b, 1));
  const same = binary(b, "Equal", change, constant(b, 0), "bool");
  const safe = where(b, same, b.fill("float32", x.shape, 1), change);
  const exact = binary(b, "Mul", unary(b, "Log", u), binary(b, "Div", x, safe));
  const infinite = binary(b, "Equal", x, constant(b, Number.POSITIVE_INFINITY), "bool");
  return where(b, binary(b, "Or", same, infinite, "bool"), x, exact);
};

/** e^x - 1 that is accurate for small x: 2 sinh(x/2) e^(x/2). */
const expMinusOne: Formula = (b, x) => {
  const half = binary(b, "Mul", x, constant(b, 0.5));
  const small = binary(b, "Mul", binary(b, "Mul", unary(b, "Sinh", half), constant(b, 2)), unary(b, "Exp", half));
  const large = binary(b, "Sub", unary(b, "Exp", x), constant(b, 1));
  const isSmall = binary(b, "Less", unary(b, "Abs", x), constant(b, 1), "bool");
  return where(b, isSmall, small, large);
};

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/** tfjs rounds halves to even, like ONNX. */
export const elementwise: LoweringTable = {
  Abs: one("Abs"),
  Acos: ofFloats(one("Acos")),
  Acosh: ofFloats(one("Acosh")),
  Asin: ofFloats(one("Asin")),
  Asinh: ofFloats(one("Asinh")),
  Atan: ofFloats(one("Atan")),
  Atanh: ofFloats(one("Atanh")),
  Ceil: ofFloats(one("Ceil")),
  Cos: ofFloats(one("Cos")),
  Cosh: ofFloats(one("Cosh")),
  Erf: ofFloats(one("Erf")),
  Exp: exponential,
  Floor: ofFloats(one("Floor")),
  Log: ofFloats(one("Log")),
  LogicalNot: one("Not"),
  Neg: one("Neg"),
  Reciprocal: ofFloats(one("Reciprocal")),
  Relu: one("Relu"),
  Round: ofFloats(one("Round")),
  Sigmoid: ofFloats(one("Sigmoid")),
  Sign: composed(sign),
  Sin: ofFloats(one("Sin")),
  Sinh: ofFloats(one("Sinh")),
  Sqrt: ofFloats(one("Sqrt")),
  Tan: ofFloats(one("Tan")),
  Tanh: ofFloats(one("Tanh")),
  Expm1: ofFloats(composed(expMinusOne)),
  Log1p: ofFloats(composed(logOnePlus)),
  Rsqrt: ofFloats(composed((b, x) => unary(b, "Reciprocal", unary(b, "Sqrt", x)))),
  Softplus: ofFloats(composed(softplus)),
  Square: composed((b, x) => binary(b, "Mul", x, x)),
  EluGrad: ({ b, inputs }) => {
    // Where the output y = e^x - 1 is negative, the derivative is e^x = y + 1.
    const slope = binary(b, "Min", binary(b, "Add", inputs.y!, constant(b, 1)), constant(b, 1));
    return binary(b, "Mul", inputs.dy!, slope);
  },
  Elu: ofFloats(composed((b, x) => b.apply("Elu", [x], { type: x.type, shape: x.shape }, { alpha: { float: 1 } }))),
  Selu: ofFloats(
    composed((b, x) =>
      b.apply(
        "Selu",
        [x],
        { type: x.type, shape: x.shape },
        { alpha: { float: seluAlpha }, gamma: { float: seluScale } },
      ),
    ),
  ),
  Relu6: composed((b, x) => binary(b, "Min", unary(b, "Relu", x), b.scalar(x.type, 6))),
  IsNan: toFloats(composed((b, x) => b.apply("IsNaN", [x], { type: "bool", shape: x.shape }))),
  IsInf: toFloats(composed((b, x) => b.apply("IsInf", [x], { type: "bool", shape: x.shape }))),
  IsFinite: toFloats(
    composed((b, x) => {
      const difference = binary(b, "Sub", x, x);
      return unary(b, "Not", b.apply("IsNaN", [difference], { type: "bool", shape: x.shape }));
    }),
  ),
  Identity: composed((_b, x) => x),
  ZerosLike: composed((b, x) => b.fill(x.type, x.shape, 0)),
  OnesLike: composed((b, x) => b.fill(x.type, x.shape, 1)),
  Cast: ({ b, inputs, attrs }) => {
    const to = attribute<"float32" | "int32" | "bool">(attrs, "dtype");
    return convert(b, inputs.x!, to);
  },
  Step: step,
  LeakyRelu: toFloats(leakyRelu),
  ClipByValue: clip,
  Prelu: prelu,
};
