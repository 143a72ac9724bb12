import type { GraphBuilder } from "../graph/builder.js";
import { binary, cast, where } from "../graph/operations.js";
import type { ElementType, Value } from "../graph/value.js";
import type { Lowering, LoweringInput, LoweringTable } from "./lowering.js";

/** Conversions for element types that ONNX's operators do not support: integers in formulas, booleans as numbers. */

/**
 * Converts floating-point numbers like JavaScript's integer arrays: non-finite values become 0, where the engine would return
 * the smallest integer.
 */
export function convert(b: GraphBuilder, x: Value, type: ElementType): Value {
  if (type === x.type || (x.type !== "float32" && x.type !== "float64")) return cast(b, x, type);
  if (type !== "int32") return cast(b, x, type);
  const difference = binary(b, "Sub", x, x);
  const finite = binary(b, "Equal", difference, b.scalar(x.type, 0), "bool");
  return cast(b, where(b, finite, x, b.fill(x.type, x.shape, 0)), "int32");
}

const replace = (input: LoweringInput, change: (value: Value) => Value): LoweringInput => ({
  ...input,
  inputs: Object.fromEntries(Object.entries(input.inputs).map(([name, value]) => [name, change(value)])),
});

/** Computes with booleans as 0 and 1, and converts the first result back to boolean. */
function onTruth(lowering: Lowering): Lowering {
  return (input) => {
    if (!Object.values(input.inputs).some(({ type }) => type === "bool")) return lowering(input);
    const { b } = input;
    const result = lowering(replace(input, (value) => (value.type === "bool" ? cast(b, value, "int32") : value)));
    if (!Array.isArray(result)) return result.type === "int32" ? cast(b, result, "bool") : result;
    const [first, ...rest] = result as [Value, ...Value[]];
    return [cast(b, first, "bool"), ...rest];
  };
}

const numeric = [
  "Abs",
  "Add",
  "AddN",
  "Atan2",
  "BatchMatMul",
  "ClipByValue",
  "Greater",
  "GreaterEqual",
  "Less",
  "LessEqual",
  "Max",
  "Maximum",
  "Min",
  "Minimum",
  "Mod",
  "Multiply",
  "Neg",
  "Pow",
  "Relu",
  "Relu6",
  "Sign",
  "Square",
  "SquaredDifference",
  "Sub",
  "TopK",
];

/** Lets the arithmetic kernels accept booleans. */
export function withTruth(table: LoweringTable): LoweringTable {
  return { ...table, ...Object.fromEntries(numeric.map((name) => [name, onTruth(table[name]!)])) };
}
