import type { CompileOptions, Draw, ParamTree, TracedKey } from "@ganymede/core";
import { fillTree, GanymedeError, leafValues } from "@ganymede/core";
import type { CompileArgument, Trace } from "@ganymede/core/compile";
import { withTrace } from "@ganymede/core/compile";
import * as tf from "@tensorflow/tfjs-core";
import { kindOf } from "./arguments.js";
import type { Entry } from "./entry.js";
import { elementType } from "./entry.js";
import { GraphBuilder } from "./graph/builder.js";
import type { HostArray, Value } from "./graph/value.js";
import type { Graph } from "./model/encode-model.js";
import { halfPrecision } from "./optimize/half-precision.js";
import type { OnnxBackend } from "./recorder.js";
import type { TraceScope } from "./trace-scope.js";

/** A random draw of a traced function: an input of its graph, filled before each run. */
export interface DrawFeed {
  readonly value: Value;
  readonly key: TracedKey;
  readonly draw: Draw;
}

/** Values of tensors that a traced function uses in addition to its arguments, as far as they were awaited. */
export type KnownValues = ReadonlyMap<Entry, HostArray>;

/** Thrown by a trace that needs tensor values which must be awaited first. */
export class MissingValues extends GanymedeError {
  constructor(readonly entries: ReadonlySet<Entry>) {
    super(
      "unsupported",
      `onnx backend: the values of all tensors that a traced function uses besides its arguments must be available, got ${entries.size} that must be awaited; await data() of each on the backend onnx first, or pass them as arguments`,
    );
  }
}

/** The graph of a function: the arguments' leaves are fed first, then its draws. */
export interface TracedGraph<Result> {
  readonly graph: Graph;
  readonly draws: readonly DrawFeed[];
  readonly result: Result;
}

/**
 * Traces a function with placeholders. Tensors other than its arguments become constants. With `float16` or `bfloat16` the graph is in
 * mixed precision.
 *
 * @param known values that an earlier trace requested.
 * @throws GanymedeError `unsupported`, a `MissingValues`, if it uses a tensor whose values must be awaited.
 */
export function traceGraph<Args extends readonly CompileArgument[], Result extends ParamTree>(
  backend: OnnxBackend,
  fn: (...args: Args) => Result,
  args: Args,
  options: CompileOptions = {},
  known: KnownValues = new Map(),
): TracedGraph<Result> {
  const builder = new GraphBuilder();
  const scope: TraceScope = { builder, known, missing: new Set(), constants: new Map() };
  const feeds: Value[] = [];
  const precisions = { weights: new Set<Value>(), single: new Set<Value>() };
  const draws: DrawFeed[] = [];
  const own = (entry: Entry): tf.Tensor =>
    tf.engine().makeTensorFromDataId(backend.adopt(entry), [...entry.shape], entry.type as tf.DataType, backend);
  const feedTensor = (dtype: tf.DataType, shape: readonly number[]): { value: Value; tensor: tf.Tensor } => {
    const type = elementType(dtype);
    const value = builder.feed(type, shape);
    return { value, tensor: own({ type, shape, references: 1, pins: 0, node: { builder, value } }) };
  };
  const draw = (key: TracedKey, shape: readonly number[], dtype: tf.DataType, kind: Draw): tf.Tensor => {
    const { value, tensor } = feedTensor(dtype, shape);
    draws.push({ value, key, draw: kind });
    return tensor;
  };

  const { precision = "float32" } = options;
  const mixed = precision !== "float32";
  const single = (tensor: tf.Tensor): void => void precisions.single.add(backend.valueOfTensor(tensor));
  const trace: Trace = mixed ? { draw, single } : { draw };

  const run = () => {
    const traced: Result[] = [];
    let outputValues: Value[] = [];
    tf.tidy(() => {
      const tracedArgs = args.map((argument, index) => {
        const kind = kindOf(argument);
        if (kind === "plain") return argument;
        if (kind === "key") return { words: [0, 0], traced: { argument: index, folds: [] } };
        const tree = argument as ParamTree;
        const fed = leafValues(tree).map((leaf) => feedTensor(leaf.dtype, leaf.shape));
        for (const { value } of fed) {
          feeds.push(value);
          if (options.weights?.includes(index) === true) precisions.weights.add(value);
        }
        return fillTree(
          tree,
          fed.map(({ tensor }) => tensor),
        );
      });
      const output = withTrace(trace, () => fn(...(tracedArgs as unknown as Args)));
      traced.push(output);
      outputValues = leafValues(output).map((leaf) => backend.valueOfTensor(leaf));
    });
    return { result: traced[0] as Result, values: outputValues };
  };
  const { result, values } = finish(scope, () => backend.traceInto(scope, run));

  const graph = { inputs: [...feeds, ...draws.map(({ value }) => value)], outputs: values };
  return {
    graph: precision === "float32" ? graph : halfPrecision(graph, { ...precisions, type: precision }),
    draws,
    result,
  };
}

/** The result of a trace, unless it lacked values: then its result and its errors are discarded. */
function finish<Result>({ missing }: TraceScope, trace: () => Result): Result {
  try {
    const result = trace();
    if (missing.size === 0) return result;
  } catch (error) {
    if (missing.size === 0) throw error;
  }
  throw new MissingValues(missing);
}
