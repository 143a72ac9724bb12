import { backend_util, util } from "@tensorflow/tfjs-core";
import type { GraphBuilder } from "../graph/builder.js";
import { binary, cast, expand, matrixProduct, unary, where } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";
import { convert } from "./types.js";

/** The operands, after checking that their shapes broadcast. */
function operands(inputs: LoweringInput["inputs"]): [Value, Value] {
  const [x, y] = [inputs.a!, inputs.b!];
  backend_util.assertAndGetBroadcastShape([...x.shape], [...y.shape]);
  return [x, y];
}

const two =
  (op: string) =>
  ({ b, inputs }: LoweringInput): Value =>
    binary(b, op, ...operands(inputs));

const compare =
  (op: string) =>
  ({ b, inputs }: LoweringInput): Value =>
    binary(b, op, ...operands(inputs), "bool");

/** Quotient rounded down, an int32 in tfjs. */
function floorDivide({ b, inputs }: LoweringInput): Value {
  const [x, y] = operands(inputs);
  const quotient = binary(b, "Div", cast(b, x, "float32"), cast(b, y, "float32"));
  return convert(b, unary(b, "Floor", quotient), "int32");
}

/** Remainder with the sign of the divisor. */
function modulo({ b, inputs }: LoweringInput): Value {
  const [x, y] = operands(inputs);
  if (x.type !== "float32") return moduloOfIntegers(b, x, y);
  const floor = unary(b, "Floor", binary(b, "Div", x, y));
  return binary(b, "Sub", x, binary(b, "Mul", y, floor));
}

/** 0 for division by 0, on which the engine would fail. */
function moduloOfIntegers(b: GraphBuilder, x: Value, y: Value): Value {
  const zero = b.scalar(x.type, 0);
  const undefinedThere = binary(b, "Equal", y, zero, "bool");
  const divisor = where(b, undefinedThere, b.fill(y.type, y.shape, 1), y);
  // The remainder of a division by 1 is 0.
  return binary(b, "Mod", x, divisor);
}

/** For integers the integer part, also for negative exponents. */
function power({ b, inputs }: LoweringInput): Value {
  const [x, y] = operands(inputs);
  if (x.type === "float32") return binary(b, "Pow", x, y);
  return convert(b, binary(b, "Pow", cast(b, x, "float64"), cast(b, y, "float64")), x.type);
}

/** The angle of (b, a) from the arctangent of a/b, shifted by half a turn where b is negative. */
function arcTangent2({ b, inputs }: LoweringInput): Value {
  const [y, x] = operands(inputs).map((value) => cast(b, value, "float32")) as [Value, Value];
  const shape = binary(b, "Add", y, x).shape;
  const zero = b.scalar("float32", 0);
  const angle = unary(b, "Atan", binary(b, "Div", y, x));
  const turn = where(
    b,
    binary(b, "Less", y, zero, "bool"),
    b.fill("float32", y.shape, -Math.PI),
    b.fill("float32", y.shape, Math.PI),
  );
  const moved = where(b, expand(b, binary(b, "Less", x, zero, "bool"), shape), binary(b, "Add", angle, turn), angle);
  const still = binary(b, "Equal", binary(b, "Add", unary(b, "Abs", x), unary(b, "Abs", y)), zero, "bool");
  return convert(b, where(b, still, b.fill("float32", shape, 0), moved), inputs.a!.type);
}

function select({ b, inputs }: LoweringInput): Value {
  return where(b, cast(b, inputs.condition!, "bool"), inputs.t!, inputs.e!);
}

function batchMatMul({ b, inputs, attrs }: LoweringInput): Value {
  const [x, y] = [inputs.a!, inputs.b!];
  const [transA, transB] = [attribute<boolean>(attrs, "transposeA"), attribute<boolean>(attrs, "transposeB")];
  const [rx, ry] = [x.shape.length, y.shape.length];
  util.assert(rx >= 2 && ry >= 2, () => `matMul: operands must be matrices, got shapes [${x.shape}] and [${y.shape}].`);
  const inner = [x.shape[transA ? rx - 2 : rx - 1], y.shape[transB ? ry - 1 : ry - 2]];
  util.assert(
    inner[0] === inner[1],
    () => `matMul: inner sizes must agree, got ${inner.join(" and ")} of shapes [${x.shape}] and [${y.shape}].`,
  );
  backend_util.assertAndGetBroadcastShape([...x.shape.slice(0, -2)], [...y.shape.slice(0, -2)]);
  return matrixProduct(b, x, y, transA ?? false, transB ?? false);
}

/** Binary kernels, and matrix products. */
export const arithmetic: LoweringTable = {
  Add: two("Add"),
  Sub: two("Sub"),
  Multiply: two("Mul"),
  BitwiseAnd: two("BitwiseAnd"),
  RealDiv: ({ b, inputs }) => {
    const [x, y] = operands(inputs);
    return binary(b, "Div", cast(b, x, "float32"), cast(b, y, "float32"));
  },
  Pow: power,
  Maximum: two("Max"),
  Minimum: two("Min"),
  FloorDiv: floorDivide,
  Mod: modulo,
  Atan2: arcTangent2,
  SquaredDifference: ({ b, inputs }) => {
    const difference = binary(b, "Sub", ...operands(inputs));
    return binary(b, "Mul", difference, difference);
  },
  AddN: ({ b, inputs }) => Object.values(inputs).reduce((sum, value) => binary(b, "Add", sum, value)),
  Equal: compare("Equal"),
  NotEqual: ({ b, inputs }) => unary(b, "Not", binary(b, "Equal", ...operands(inputs), "bool")),
  Greater: compare("Greater"),
  GreaterEqual: compare("GreaterOrEqual"),
  Less: compare("Less"),
  LessEqual: compare("LessOrEqual"),
  LogicalAnd: compare("And"),
  LogicalOr: compare("Or"),
  LogicalXor: compare("Xor"),
  Select: select,
  BatchMatMul: batchMatMul,
};
