import { elementsOf, GraphBuilder, splatOf } from "../graph/builder.js";
import { cast } from "../graph/operations.js";
import type { NarrowType, Value } from "../graph/value.js";
import { isNarrow, nodesOf } from "../graph/value.js";
import { arrayOf } from "../model/element-types.js";
import type { Graph } from "../model/encode-model.js";

/**
 * The value rounded to a narrow format, in float32. The engine removes a cast followed by its inverse, so an operator that it runs in the
 * narrow format is put in between.
 */
function rounded(b: GraphBuilder, value: Value, type: NarrowType): Value {
  const half = cast(b, value, type);
  const held = b.apply("Reshape", [half, b.integers(half.shape)], half, half.shape.includes(0) ? { allowzero: 1 } : {});
  return cast(b, held, "float32");
}

/**
 * Emulates mixed precision on an engine without kernels for narrow formats: every operator computes in float32 and its result is rounded, as
 * on devices, whose products accumulate in float32 too. The engine itself would compute in float32 without rounding.
 */
export function emulateHalf(graph: Graph): Graph {
  const b = new GraphBuilder();
  const rewritten = new Map<Value, Value>();
  const now = (value: Value): Value => {
    const known = rewritten.get(value);
    if (known !== undefined || !isNarrow(value.type)) return known ?? value;
    const splat = splatOf(value);
    return splat === undefined
      ? b.constant("float32", value.shape, arrayOf("float32", elementsOf(value) as number[]))
      : b.fill("float32", value.shape, splat);
  };
  for (const node of nodesOf(graph.outputs)) {
    const inputs = node.inputs.map((input) => (input === null ? null : now(input)));
    const [made] = node.outputs as [Value];
    if (node.op === "Cast" && (isNarrow(made.type) || isNarrow(node.inputs[0]!.type))) {
      const single = inputs[0]!;
      rewritten.set(
        made,
        isNarrow(made.type) ? rounded(b, cast(b, single, "float32"), made.type) : cast(b, single, made.type),
      );
      continue;
    }
    const infos = node.outputs.map(({ type, shape }) => ({ type: isNarrow(type) ? "float32" : type, shape }) as const);
    const outputs = b.applyMany(node.op, inputs, infos, node.attributes, node.domain);
    node.outputs.forEach((output, i) => {
      rewritten.set(output, isNarrow(output.type) ? rounded(b, outputs[i]!, output.type) : outputs[i]!);
    });
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map(now) };
}
