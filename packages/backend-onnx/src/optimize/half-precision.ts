import { GraphBuilder, splatOf } from "../graph/builder.js";
import { cast } from "../graph/operations.js";
import type { NarrowType, Node, Value } from "../graph/value.js";
import { nodesOf } from "../graph/value.js";
import { arrayOf } from "../model/element-types.js";
import type { Graph } from "../model/encode-model.js";
import { largestHalf, smallestNormalHalf } from "../model/half.js";

/** Operators in half precision: they do nearly all arithmetic, and devices accumulate their sums in float32. */
const products = new Set(["MatMul", "FusedMatMul", "Conv", "ConvTranspose"]);

/** Operators that move numbers or change them elementwise with no more than a rounding error. */
const followers = new Set([
  ..."Add Sub Mul Neg Abs Min Max Clip Relu LeakyRelu Elu Erf Tanh Sigmoid Where".split(" "),
  ..."Identity Reshape Transpose Expand Tile Concat Split Slice Gather GatherND Pad MaxPool".split(" "),
]);

export interface Precisions {
  /** Feeds with master weights. */
  readonly weights: ReadonlySet<Value>;
  /** Values that must be kept in float32. */
  readonly single: ReadonlySet<Value>;
  /** Format of products and of what follows them. */
  readonly type: NarrowType;
}

/** Whether a constant lies in the range of the narrow format; that of bfloat16 is the range of float32. */
function survives(constant: Value, type: NarrowType): boolean {
  if (type === "bfloat16") return true;
  const splat = splatOf(constant);
  return (
    splat === undefined || splat === 0 || (Math.abs(splat) <= largestHalf && Math.abs(splat) >= smallestNormalHalf)
  );
}

/** Operators that change places alone, of their first input. */
const movers = new Set(["Reshape", "Transpose"]);

/**
 * The value in the narrow format; a value that was cast from it is used directly. What was moved is cast before it moves: there the cast is part of
 * the pass that computes it, and half as much is moved.
 */
function narrowed(b: GraphBuilder, value: Value, type: NarrowType): Value {
  const { source } = value;
  if (value.type !== "float32") return value;
  if (source.kind === "constant") return b.constant(type, value.shape, arrayOf(type, source.data as Float32Array));
  const { op, inputs, attributes } = source.kind === "node" ? source.node : { op: "", inputs: [], attributes: {} };
  if (movers.has(op)) {
    const [moved, ...rest] = inputs as [Value, ...Value[]];
    return b.apply(op, [narrowed(b, moved, type), ...rest], { type, shape: value.shape }, attributes);
  }
  const before = op === "Cast" ? inputs[0]! : undefined;
  return before?.type === type ? before : cast(b, value, type);
}

/**
 * Mixed precision: a graph's products and the activations between them in float16 or bfloat16.
 *
 * Products with a data-dependent operand are computed in half precision. What follows stays there while it only moves or combines
 * such values and weights. Sums, means, softmax, roots, exponentials and everything else not known to be safe are computed in float32,
 * as are computations on weights alone (spectral norms, the optimizer) and on float32 operands. Results are float32.
 *
 * Source: Micikevicius et al. 2018, Mixed Precision Training, arXiv 1710.03740; operators as in PyTorch's autocast.
 */
export function halfPrecision(graph: Graph, { weights, single, type: narrow }: Precisions): Graph {
  const b = new GraphBuilder();
  const rewritten = new Map<Value, Value>();
  const ofWeights = new Set<Value>(weights);
  const now = (value: Value): Value => rewritten.get(value) ?? value;
  const isWeight = (value: Value): boolean => value.source.kind === "constant" || ofWeights.has(value);

  const inHalf = (node: Node): boolean => {
    const floats = node.inputs.filter((input): input is Value => input?.type === "float32");
    if (products.has(node.op)) return floats.length > 0;
    if (!followers.has(node.op) || !floats.some((input) => now(input).type === narrow)) return false;
    // Squares overflow half precision long before their roots do.
    if (narrow === "float16" && node.op === "Mul" && node.inputs[0] === node.inputs[1]) return false;
    return floats.every((input) => now(input).type === narrow || (isWeight(input) && survives(input, narrow)));
  };

  for (const node of nodesOf(graph.outputs)) {
    const values = node.inputs.filter((input): input is Value => input !== null);
    const byWeights = values.every(isWeight);
    const half = !byWeights && inHalf(node);
    const inputs = node.inputs.map((input) => {
      if (input === null) return null;
      return half ? narrowed(b, now(input), narrow) : cast(b, now(input), input.type);
    });
    const infos = node.outputs.map(
      ({ type, shape }) => ({ type: half && type === "float32" ? narrow : type, shape }) as const,
    );
    const outputs = b.applyMany(node.op, inputs, infos, node.attributes, node.domain);
    node.outputs.forEach((output, i) => {
      if (byWeights) ofWeights.add(output);
      rewritten.set(output, single.has(output) ? cast(b, outputs[i]!, output.type) : outputs[i]!);
    });
  }
  return { inputs: graph.inputs, outputs: graph.outputs.map((output) => cast(b, now(output), output.type)) };
}
