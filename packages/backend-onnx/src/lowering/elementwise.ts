import type { GraphBuilder } from "../graph/builder.js";
import { binary, cast, unary, where } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";

const one =
  (op: string) =>
  ({ b, inputs }: LoweringInput): Value =>
    unary(b, op, inputs.x!);

type Formula = (b: GraphBuilder, x: Value) => Value;

const composed =
  (formula: Formula) =>
  ({ b, inputs }: LoweringInput): Value =>
    formula(b, inputs.x!);

const constant = (b: GraphBuilder, value: number): Value => b.scalar("float32", value);

/** 1 for x > 0, alpha elsewhere; NaN stays NaN. */
function step({ b, inputs, attrs }: LoweringInput): Value {
  const x = inputs.x!;
  const alpha = attribute<number | undefined>(attrs, "alpha") ?? 0;
  const positive = cast(b, binary(b, "Greater", x, b.scalar(x.type, 0), "bool"), "float32");
  return alpha === 0
    ? positive
    : binary(b, "Add", binary(b, "Mul", positive, constant(b, 1 - alpha)), constant(b, alpha));
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
  const x = inputs.x!;
  const zero = constant(b, 0);
  const negative = binary(b, "Min", x, zero);
  return binary(b, "Add", unary(b, "Relu", x), binary(b, "Mul", inputs.alpha!, negative));
}

/** ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|), which overflows nowhere. */
const softplus: Formula = (b, x) => {
  const tail = unary(b, "Exp", unary(b, "Neg", unary(b, "Abs", x)));
  return binary(b, "Add", unary(b, "Relu", x), logOnePlus(b, tail));
};

/**
 * ln(1 + x) without losing small x: ln(u) x / (u - 1) with u = 1 + x rounded, and x itself where u is 1 (Kahan).
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

/** e^x - 1 without losing small x: 2 sinh(x/2) e^(x/2). */
const expMinusOne: Formula = (b, x) => {
  const half = binary(b, "Mul", x, constant(b, 0.5));
  const small = binary(b, "Mul", binary(b, "Mul", unary(b, "Sinh", half), constant(b, 2)), unary(b, "Exp", half));
  const large = binary(b, "Sub", unary(b, "Exp", x), constant(b, 1));
  const isSmall = binary(b, "Less", unary(b, "Abs", x), constant(b, 1), "bool");
  return where(b, isSmall, small, large);
};

const seluAlpha = 1.6732632423543772;
const seluScale = 1.0507009873554805;

/** tfjs rounds halves to even, as ONNX does. */
export const elementwise: LoweringTable = {
  Abs: one("Abs"),
  Acos: one("Acos"),
  Acosh: one("Acosh"),
  Asin: one("Asin"),
  Asinh: one("Asinh"),
  Atan: one("Atan"),
  Atanh: one("Atanh"),
  Ceil: one("Ceil"),
  Cos: one("Cos"),
  Cosh: one("Cosh"),
  Erf: one("Erf"),
  Exp: one("Exp"),
  Floor: one("Floor"),
  Log: one("Log"),
  LogicalNot: one("Not"),
  Neg: one("Neg"),
  Reciprocal: one("Reciprocal"),
  Relu: one("Relu"),
  Round: one("Round"),
  Sigmoid: one("Sigmoid"),
  Sign: one("Sign"),
  Sin: one("Sin"),
  Sinh: one("Sinh"),
  Sqrt: one("Sqrt"),
  Tan: one("Tan"),
  Tanh: one("Tanh"),
  Expm1: composed(expMinusOne),
  Log1p: composed(logOnePlus),
  Rsqrt: composed((b, x) => unary(b, "Reciprocal", unary(b, "Sqrt", x))),
  Softplus: composed(softplus),
  Square: composed((b, x) => binary(b, "Mul", x, x)),
  Elu: composed((b, x) => b.apply("Elu", [x], { type: x.type, shape: x.shape }, { alpha: { float: 1 } })),
  Selu: composed((b, x) =>
    b.apply(
      "Selu",
      [x],
      { type: x.type, shape: x.shape },
      { alpha: { float: seluAlpha }, gamma: { float: seluScale } },
    ),
  ),
  Relu6: composed((b, x) => binary(b, "Min", unary(b, "Relu", x), constant(b, 6))),
  IsNan: composed((b, x) => b.apply("IsNaN", [x], { type: "bool", shape: x.shape })),
  IsInf: composed((b, x) => b.apply("IsInf", [x], { type: "bool", shape: x.shape })),
  IsFinite: composed((b, x) => {
    const difference = binary(b, "Sub", x, x);
    return unary(b, "Not", b.apply("IsNaN", [difference], { type: "bool", shape: x.shape }));
  }),
  Identity: composed((_b, x) => x),
  ZerosLike: composed((b, x) => b.fill(x.type, x.shape, 0)),
  OnesLike: composed((b, x) => b.fill(x.type, x.shape, 1)),
  Cast: ({ b, inputs, attrs }) => {
    const to = attribute<"float32" | "int32" | "bool">(attrs, "dtype");
    return cast(b, inputs.x!, to);
  },
  Step: step,
  LeakyRelu: leakyRelu,
  ClipByValue: clip,
  Prelu: prelu,
};
