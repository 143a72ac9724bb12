import type {
  CompileArgument,
  Compiled,
  CompileOptions,
  Draw,
  FunctionCompiler,
  Key,
  ParamTree,
  Trace,
  TracedKey,
} from "@ganymede/core";
import { fillDraw, fillTree, fold, GanymedeError, leafValues, withTrace } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Entry } from "./entry.js";
import { elementType } from "./entry.js";
import { GraphBuilder } from "./graph/builder.js";
import type { Value } from "./graph/value.js";
import type { Graph } from "./model/encode-model.js";
import { encodeModel } from "./model/encode-model.js";
import { halfPrecision } from "./optimize/half-precision.js";
import { optimize } from "./optimize/optimize.js";
import type { OnnxBackend } from "./recorder.js";
import type { HostBuffer } from "./runtime/buffer.js";
import type { Session } from "./runtime/session.js";
import { createSession } from "./runtime/session.js";

type Kind = { readonly kind: "tree" } | { readonly kind: "key" } | { readonly kind: "plain" };

function isKey(argument: CompileArgument): argument is Key {
  return typeof argument === "object" && argument !== null && "words" in argument && Array.isArray(argument.words);
}

function kindOf(argument: CompileArgument): Kind["kind"] {
  if (isKey(argument)) return "key";
  return typeof argument === "object" && argument !== null ? "tree" : "plain";
}

/** What decides whether a trace fits the arguments: structure, shapes and types of trees, and plain values themselves. */
function signature(args: readonly CompileArgument[]): string {
  return args
    .map((argument) => {
      const kind = kindOf(argument);
      if (kind === "key") return "key";
      if (kind === "plain") return JSON.stringify(argument);
      return treeSignature(argument as ParamTree);
    })
    .join("|");
}

/** Names, types and shapes; each name once, since a step asks for hundreds of leaves. */
function treeSignature(tree: ParamTree): string {
  if (tree instanceof tf.Tensor) return `${tree.dtype}[${tree.shape}]`;
  let text = "{";
  for (const name of Object.keys(tree)) {
    text += `${name}:${treeSignature((tree as Readonly<Record<string, ParamTree>>)[name] as ParamTree)} `;
  }
  return `${text}}`;
}

interface DrawFeed {
  readonly value: Value;
  readonly key: TracedKey;
  readonly draw: Draw;
}

/** A traced function: its graph, and what is to be fed besides the arguments' leaves. */
interface TracedFunction<Result> {
  readonly session: Session;
  readonly draws: readonly (DrawFeed & { readonly buffer: HostBuffer })[];
  readonly result: Result;
  readonly outputs: readonly { readonly shape: readonly number[]; readonly dtype: tf.DataType }[];
}

/** Compiles functions for one backend. */
export function createCompiler(backend: OnnxBackend): FunctionCompiler {
  let halfPrecisionWorks: Promise<void> | undefined;
  return {
    compile<Args extends readonly CompileArgument[], Result extends ParamTree>(
      fn: (...args: Args) => Result,
      options: CompileOptions = {},
    ): Compiled<Args, Result> {
      const traces = new Map<string, TracedFunction<Result>>();
      return async (...args) => {
        const key = signature(args);
        let trace = traces.get(key);
        if (options.precision === "float16") {
          halfPrecisionWorks ??= tryHalfPrecision(backend);
          await halfPrecisionWorks;
        }
        if (trace === undefined || !backend.owns(trace.session)) {
          trace = traceFunction(backend, fn, args, options);
          traces.set(key, trace);
        }
        return runTrace(backend, trace, args);
      };
    },
  };
}

/** The graph of a function: its arguments' leaves are fed first, then its draws. */
export interface TracedGraph<Result> {
  readonly graph: Graph;
  readonly draws: readonly DrawFeed[];
  readonly result: Result;
}

/**
 * Runs a function on placeholders. Tensors that it uses besides its arguments become constants. For `float16` the graph is one of mixed
 * precision.
 */
export function traceGraph<Args extends readonly CompileArgument[], Result extends ParamTree>(
  backend: OnnxBackend,
  fn: (...args: Args) => Result,
  args: Args,
  options: CompileOptions = {},
): TracedGraph<Result> {
  const builder = new GraphBuilder();
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

  const mixed = options.precision === "float16";
  const single = (tensor: tf.Tensor): void => void precisions.single.add(backend.valueOfTensor(tensor));
  const trace: Trace = mixed ? { draw, single } : { draw };

  const { result, values } = backend.traceInto(builder, () => {
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
  });

  const graph = { inputs: [...feeds, ...draws.map(({ value }) => value)], outputs: values };
  return { graph: mixed ? halfPrecision(graph, precisions) : graph, draws, result };
}

function traceFunction<Args extends readonly CompileArgument[], Result extends ParamTree>(
  backend: OnnxBackend,
  fn: (...args: Args) => Result,
  args: Args,
  options: CompileOptions,
): TracedFunction<Result> {
  const traced = traceGraph(backend, fn, args, options);
  const { draws, result } = traced;
  const graph = optimize(traced.graph, backend.environment.accelerator?.operators);
  const session = backend.own(createSession(backend.environment, graph, encodeModel(graph)));
  return {
    session,
    result,
    draws: draws.map((feed) => ({
      ...feed,
      buffer: backend.store.staging.allocate(feed.value.type, feed.value.shape),
    })),
    outputs: leafValues(result).map(({ shape, dtype }) => ({ shape, dtype })),
  };
}

/**
 * Multiplies two small matrices in half precision.
 *
 * @throws GanymedeError `unsupported` where that fails: drivers tell of half precision in too many ways to be asked.
 */
async function tryHalfPrecision(backend: OnnxBackend): Promise<void> {
  const options = { precision: "float16" } as const;
  const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  try {
    const square = (matrix: tf.Tensor2D) => ({ y: tf.matMul(matrix, matrix) as tf.Tensor });
    const { y } = await runTrace(backend, traceFunction(backend, square, [x], options), [x]);
    const values = await y.data();
    y.dispose();
    if ([7, 10, 15, 22].every((expected, i) => values[i] === expected)) return;
    throw new Error(`the square of [1, 2; 3, 4] came out as ${values.join()}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GanymedeError(
      "unsupported",
      `compile: float16 needs a device with half precision, but a product in it failed here (${reason}); set precision to float32`,
    );
  } finally {
    x.dispose();
  }
}

async function runTrace<Args extends readonly CompileArgument[], Result extends ParamTree>(
  backend: OnnxBackend,
  trace: TracedFunction<Result>,
  args: Args,
): Promise<Result> {
  const entries = args
    .filter((argument) => kindOf(argument) === "tree")
    .flatMap((argument) => leafValues(argument as ParamTree).map(({ dataId }) => backend.entry(dataId)));
  for (const { key, draw, buffer } of trace.draws) {
    const actual = key.folds.reduce<Key>((parent, label) => fold(parent, label), args[key.argument] as Key);
    fillDraw(buffer.data as Float32Array | Int32Array, draw, actual);
  }
  const inputs = [...entries.map((entry) => backend.bufferOf(entry)), ...trace.draws.map(({ buffer }) => buffer)];
  const outputs = trace.session.graph.outputs.map(({ type, shape }) => backend.pool.allocate(type, shape));
  for (const entry of entries) backend.pin(entry);
  try {
    await trace.session.run(inputs, outputs);
  } catch (failure) {
    for (const buffer of outputs) backend.pool.release(buffer);
    throw failure;
  } finally {
    for (const entry of entries) backend.unpin(entry);
  }
  const tensors = outputs.map((buffer, i) => {
    const dataId = backend.adopt({ type: buffer.type, shape: buffer.shape, references: 1, pins: 0, buffer });
    return tf.engine().makeTensorFromDataId(dataId, [...buffer.shape], trace.outputs[i]!.dtype, backend);
  });
  return fillTree(trace.result as ParamTree, tensors) as Result;
}
