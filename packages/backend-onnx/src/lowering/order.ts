import type { Value } from "../graph/value.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";

/**
 * x, not before y: x reshaped to its own shape, which the engine computes from y. No element is copied, and the node differs from
 * every other use of x, so that recomputed values are not merged with earlier ones.
 */
function after({ b, inputs }: LoweringInput): Value {
  const [x, y] = [inputs.x!, inputs.y!];
  const flat = b.apply("Size", [y], { type: "int64", shape: [] });
  const size = y.shape.reduce((product, length) => product * length, 1);
  const offsets = b.integers(x.shape.map((length) => length - size));
  const shape = b.apply("Add", [offsets, flat], { type: "int64", shape: [x.shape.length] });
  return b.apply("Reshape", [x, shape], { type: x.type, shape: x.shape });
}

/** Kernels that order others. */
export const order: LoweringTable = { After: after };
