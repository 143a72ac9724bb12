import type { Compiled, CompileOptions, Key, ParamTree, Precision } from "@ganymede/core";
import { fillDraw, fillTree, fold, GanymedeError, leafValues } from "@ganymede/core";
import type { CompileArgument, FunctionCompiler } from "@ganymede/core/compile";
import * as tf from "@tensorflow/tfjs-core";
import type { CallPattern } from "./arguments.js";
import { callPattern, fitsCall, kindOf } from "./arguments.js";
import type { Entry } from "./entry.js";
import type { HostArray } from "./graph/value.js";
import { feedsOf } from "./graph/value.js";
import { encodeModel } from "./model/encode-model.js";
import { optimize } from "./optimize/optimize.js";
import type { OnnxBackend } from "./recorder.js";
import type { Buffer, CompiledEngine, HostBuffer, Session } from "./runtime/engine.js";
import type { DrawFeed, TracedGraph } from "./trace-graph.js";
import { MissingValues, traceGraph } from "./trace-graph.js";

/** A traced function: its executable graph, and what to feed in addition to the arguments' leaves. */
interface TracedFunction<Result> {
  /** The calls that it fits. */
  readonly pattern: CallPattern;
  readonly session: Session;
  /** Indices of the arguments' leaves that the graph reads. */
  readonly used: readonly number[];
  readonly draws: readonly DrawFeed[];
  readonly result: Result;
  /** Leaves of the result: their types, and allocators of the memory that a run writes to. */
  readonly outputs: readonly { readonly dtype: tf.DataType; readonly allocate: () => Buffer }[];
}

/** Compiles functions for one backend. */
export function createCompiler(backend: OnnxBackend): FunctionCompiler {
  const tried = new Map<Precision, Promise<void>>();
  return {
    losesNaN: backend.engine.compiled?.losesNaN ?? false,
    compile<Args extends readonly CompileArgument[], Result extends ParamTree>(
      fn: (...args: Args) => Result,
      options: CompileOptions = {},
    ): Compiled<Args, Result> {
      const compiled = compileFor(backend, fn, options);
      const { precision = "float32" } = options;
      if (precision === "float32") return compiled;
      const checked = (): Promise<void> => {
        const works = tried.get(precision) ?? tryPrecision(backend, precision);
        tried.set(precision, works);
        return works;
      };
      return Object.assign(async (...args: Args) => checked().then(() => compiled(...args)), {
        prepare: async (...args: Args) => checked().then(() => compiled.prepare(...args)),
      });
    },
  };
}

function compileFor<Args extends readonly CompileArgument[], Result extends ParamTree>(
  backend: OnnxBackend,
  fn: (...args: Args) => Result,
  options: CompileOptions,
): Compiled<Args, Result> {
  let traces: TracedFunction<Result>[] = [];
  // One trace at a time: a call waits for the preparation of its own graph instead of repeating it.
  let tracing: Promise<unknown> = Promise.resolve();
  const traceOf = (args: Args): Promise<TracedFunction<Result>> => {
    const known = async (): Promise<TracedFunction<Result>> => {
      const fitting = traces.find(({ pattern, session }) => fitsCall(pattern, args) && backend.owns(session));
      if (fitting !== undefined) return fitting;
      const trace = await traceFunction(backend, fn, args, options);
      traces = [trace, ...traces.filter(({ session }) => backend.owns(session))];
      return trace;
    };
    const done = tracing.then(known);
    tracing = done.catch(() => undefined);
    return done;
  };
  /** Keeps the tensors of the arguments, which the caller may dispose as soon as this function awaits anything. */
  const borrow = async <T>(args: Args, use: (entries: readonly Entry[]) => Promise<T>): Promise<T> => {
    const entries = args
      .filter((argument) => kindOf(argument) === "tree")
      .flatMap((argument) => leafValues(argument as ParamTree).map(({ dataId }) => backend.entry(dataId)));
    for (const entry of entries) backend.pin(entry);
    try {
      return await use(entries);
    } finally {
      for (const entry of entries) backend.unpin(entry);
    }
  };
  const call = (...args: Args): Promise<Result> =>
    borrow(args, async (entries) => {
      const computed = backend.ready(entries);
      if (computed !== undefined) await computed;
      return runTrace(backend, await traceOf(args), args, entries);
    });
  return Object.assign(call, { prepare: (...args: Args) => borrow(args, async () => void (await traceOf(args))) });
}

/** Traces, optimises and loads a function; the engine loads the model on another thread where it can. */
async function traceFunction<Args extends readonly CompileArgument[], Result extends ParamTree>(
  backend: OnnxBackend,
  fn: (...args: Args) => Result,
  args: Args,
  options: CompileOptions,
): Promise<TracedFunction<Result>> {
  const traced = await traceWithValues(backend, fn, args, options);
  const { result } = traced;
  const { engine } = backend;
  const loader: Pick<CompiledEngine, "optimize" | "load"> = engine.compiled ?? {
    optimize: (graph) => optimize(graph, engine.operators),
    load: (graph) => (engine.loadAside ?? engine.load)(graph, encodeModel(graph)),
  };
  const whole = loader.optimize(traced.graph);
  const read = feedsOf(whole.outputs);
  // Each feed costs time, whether it is read or not.
  const graph = { ...whole, inputs: whole.inputs.filter((input) => read.has(input)) };
  const leaves = traced.graph.inputs.slice(0, -traced.draws.length || undefined);
  const session = backend.own(await loader.load(graph));
  return {
    pattern: callPattern(args),
    session,
    used: leaves.flatMap((leaf, place) => (read.has(leaf) ? [place] : [])),
    result,
    draws: traced.draws.filter(({ value }) => read.has(value)),
    outputs: leafValues(result).map(({ dtype }, i) => {
      const { type, shape } = graph.outputs[i]!;
      return { dtype, allocate: backend.pool.supplier(type, shape) };
    }),
  };
}

/** Traces a function, again if it needs values that must be awaited. */
async function traceWithValues<Args extends readonly CompileArgument[], Result extends ParamTree>(
  backend: OnnxBackend,
  fn: (...args: Args) => Result,
  args: Args,
  options: CompileOptions,
): Promise<TracedGraph<Result>> {
  const known = new Map<Entry, HostArray>();
  for (;;) {
    try {
      return traceGraph(backend, fn, args, options, known);
    } catch (error) {
      if (!(error instanceof MissingValues)) throw error;
      const read = async (entry: Entry): Promise<void> => void known.set(entry, await backend.valuesOf(entry));
      await Promise.all([...error.entries].map(read));
    }
  }
}

/**
 * Multiplies two small matrices in a narrow format.
 *
 * @throws GanymedeError `unsupported` if that fails; drivers report such formats in too many ways to query it.
 */
async function tryPrecision(backend: OnnxBackend, precision: Precision): Promise<void> {
  const { compiled } = backend.engine;
  if (compiled !== undefined && !compiled.precisions.includes(precision)) {
    const known = compiled.precisions.join(" or ");
    throw new GanymedeError(
      "unsupported",
      `compile: precision must be ${known} on ${backend.id}, got ${precision}; choose one of these, or another backend`,
    );
  }
  const options = { precision };
  const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  try {
    const square = (matrix: tf.Tensor2D) => ({ y: tf.matMul(matrix, matrix) as tf.Tensor });
    const { y } = await compileFor(backend, square, options)(x);
    const values = await y.data();
    y.dispose();
    if ([7, 10, 15, 22].every((expected, i) => values[i] === expected)) return;
    throw new Error(`the square of [1, 2; 3, 4] came out as ${values.join()}`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new GanymedeError(
      "unsupported",
      `compile: ${precision} needs a device that has it, but a product in it failed here (${reason}); set precision to float32`,
    );
  } finally {
    x.dispose();
  }
}

/** The draws of a traced function in this call, in host memory. */
function fillDraws<Result>(
  backend: OnnxBackend,
  trace: TracedFunction<Result>,
  args: readonly CompileArgument[],
): HostBuffer[] {
  return trace.draws.map(({ value, key, draw }) => {
    const buffer = backend.store.staging.allocate(value.type, value.shape);
    const actual = key.folds.reduce<Key>((parent, label) => fold(parent, label), args[key.argument] as Key);
    fillDraw(buffer.data as Float32Array | Int32Array, draw, actual);
    return buffer;
  });
}

async function runTrace<Result extends ParamTree>(
  backend: OnnxBackend,
  trace: TracedFunction<Result>,
  args: readonly CompileArgument[],
  entries: readonly Entry[],
): Promise<Result> {
  const given = trace.used.map((place) => backend.bufferOf(entries[place]!));
  const draws = fillDraws(backend, trace, args);
  const outputs = trace.outputs.map(({ allocate }) => allocate());
  try {
    await trace.session.run([...given, ...draws], outputs);
  } catch (failure) {
    for (const buffer of outputs) backend.pool.release(buffer);
    throw failure;
  } finally {
    for (const buffer of draws) backend.store.staging.release(buffer);
  }
  const tensors = outputs.map((buffer, i) => {
    const dataId = backend.adopt({ type: buffer.type, shape: buffer.shape, references: 1, pins: 0, buffer });
    // The tensor copies its shape.
    return tf.engine().makeTensorFromDataId(dataId, buffer.shape as number[], trace.outputs[i]!.dtype, backend);
  });
  return fillTree(trace.result as ParamTree, tensors) as Result;
}
