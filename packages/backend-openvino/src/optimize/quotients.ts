import type { GraphBuilder, Rule, Value } from "@ganymede/backend-onnx/engine";
import { binary, cast, splatOf, unary, where } from "@ganymede/backend-onnx/engine";
import { isWhole, magnitude } from "./integers.js";

/** Moves a quotient by one where its remainder, for a divisor above 0, is not in [0, divisor). */
function corrected(b: GraphBuilder, quotient: Value, remainder: Value, divisor: Value): Value {
  const one = (condition: Value): Value => cast(b, condition, quotient.type);
  const short = binary(b, "GreaterOrEqual", remainder, divisor, "bool");
  const over = binary(b, "Less", remainder, b.scalar(remainder.type, 0), "bool");
  return binary(b, "Sub", binary(b, "Add", quotient, one(short)), one(over));
}

function quotientOfIntegers(b: GraphBuilder, x: Value, y: Value): Value {
  const [a, d] = [magnitude(b, x), magnitude(b, y)];
  const rest = (quotient: Value): Value => binary(b, "Sub", a, binary(b, "Mul", quotient, d));
  const first = binary(b, "Div", a, d);
  // What is left is small enough for the engine to divide it to within one.
  const second = binary(b, "Add", first, binary(b, "Div", rest(first), d));
  const exact = corrected(b, second, rest(second), d);
  const zero = b.scalar(x.type, 0);
  const opposed = binary(b, "Xor", binary(b, "Less", x, zero, "bool"), binary(b, "Less", y, zero, "bool"), "bool");
  return where(b, opposed, unary(b, "Neg", exact), exact);
}

function remainderOfIntegers(b: GraphBuilder, x: Value, y: Value): Value {
  const rest = binary(b, "Sub", x, binary(b, "Mul", quotientOfIntegers(b, x, y), y));
  const zero = b.scalar(x.type, 0);
  const opposed = binary(b, "Xor", binary(b, "Less", rest, zero, "bool"), binary(b, "Less", y, zero, "bool"), "bool");
  const left = binary(b, "And", opposed, unary(b, "Not", binary(b, "Equal", rest, zero, "bool")), "bool");
  return where(b, left, binary(b, "Add", rest, y), rest);
}

function flooredQuotient(b: GraphBuilder, quotient: Value, x: Value, y: Value): Value {
  const floor = unary(b, "Floor", quotient);
  const rest = binary(b, "Sub", x, binary(b, "Mul", floor, y));
  return corrected(b, floor, binary(b, "Mul", rest, unary(b, "Sign", y)), unary(b, "Abs", y));
}

/**
 * Quotients of whole numbers, whole: OpenVINO divides in float32, the last bit off, so that 12 / 4 rounds down to 2 and integers above 2^24 lose
 * digits.
 */
export const exactQuotients: Rule = (b, node, inputs) => {
  const [x, y] = inputs as [Value, Value];
  const [output] = node.outputs as [Value];
  if (isWhole(output) && node.op === "Div") return [quotientOfIntegers(b, x, y)];
  if (isWhole(output) && node.op === "Mod") return [remainderOfIntegers(b, x, y)];
  if (node.op !== "Floor" || x.source.kind !== "node" || x.source.node.op !== "Div") return undefined;
  const [dividend, divisor] = x.source.node.inputs as [Value, Value];
  return splatOf(divisor) === undefined ? [flooredQuotient(b, x, dividend, divisor)] : undefined;
};
