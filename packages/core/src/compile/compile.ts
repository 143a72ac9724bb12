import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";

/** Tensors, a key, or plain values; each distinct plain value is traced separately. */
export type CompileArgument = ParamTree | Key | number | string | boolean | null;

/** A compiled function: the caller owns the result; arguments are borrowed. */
export interface Compiled<Args extends readonly CompileArgument[], Result extends ParamTree> {
  (...args: Args): Promise<Result>;
  /**
   * Traces and loads what a call with such arguments runs, so that it can happen while something else computes. Only shapes, types and
   * plain values count. Does nothing on an eager backend.
   */
  prepare(...args: Args): Promise<void>;
}

/** Number format of products and of what lies between them. */
export type Precision = "float32" | "float16" | "bfloat16";

/** Options of `compile`. */
export interface CompileOptions {
  /**
   * `float16` or `bfloat16` for mixed precision: matrix products and convolutions of data, and what only moves or combines their results, in
   * 16 bits; sums, means, norms, softmax, losses and what is computed from weights alone in float32, as all arguments and results are.
   * Default: `float32`.
   */
  readonly precision?: Precision;
  /** Positions of the arguments that hold master weights, for mixed precision. Default: none. */
  readonly weights?: readonly number[];
}

/** Compiler of a backend that runs whole functions; stored on the tfjs backend as `compilerSymbol`. */
export interface FunctionCompiler {
  /** Whether its operators may turn NaN into a number, so that a finite loss proves nothing about the state. Default: false. */
  readonly losesNaN?: boolean;
  /** @throws GanymedeError `unsupported`, on the first call, if the options need half precision and the device has none. */
  compile<Args extends readonly CompileArgument[], Result extends ParamTree>(
    fn: (...args: Args) => Result,
    options?: CompileOptions,
  ): Compiled<Args, Result>;
}

/** Key of a tfjs backend's `FunctionCompiler`; a shared symbol, so that two copies of core agree. */
export const compilerSymbol: unique symbol = Symbol.for("ganymede.compiler") as never;

function compilerOf(backend: object): FunctionCompiler | undefined {
  return (backend as { [compilerSymbol]?: FunctionCompiler })[compilerSymbol];
}

/** Whether compiled functions of the current backend may turn NaN into a number, so that finite results prove nothing of what they came from. */
export function losesNaN(): boolean {
  return compilerOf(tf.backend())?.losesNaN ?? false;
}

/**
 * Compiles a pure function over trees for the current backend.
 *
 * On a compiling backend the first call traces the function into one graph; later calls with the same shapes and plain values
 * run that graph. An eager backend just runs the function. The function must be pure: its result depends only on its arguments,
 * its randomness comes from a key among them, and it reads no tensor's values.
 *
 * @returns an asynchronous function; its caller owns the tensors of the result.
 * @throws GanymedeError `unsupported`, when the result is called, for `float16` or `bfloat16` on a backend or a device without it.
 */
export function compile<Args extends readonly CompileArgument[], Result extends ParamTree>(
  fn: (...args: Args) => Result,
  options: CompileOptions = {},
): Compiled<Args, Result> {
  const compiled = new WeakMap<FunctionCompiler, Compiled<Args, Result>>();
  /** The function of the current backend's compiler; undefined without one. */
  const current = (): Compiled<Args, Result> | undefined => {
    const compiler = compilerOf(tf.backend());
    if (compiler === undefined && (options.precision ?? "float32") !== "float32") {
      throw new GanymedeError(
        "unsupported",
        `compile: ${options.precision} needs a backend that compiles whole functions, got ${tf.getBackend()}; set precision to float32 or use one that does, such as openvino, onnx-webgpu or onnx-cuda`,
      );
    }
    if (compiler === undefined) return undefined;
    let run = compiled.get(compiler);
    if (run === undefined) {
      run = compiler.compile(fn, options);
      compiled.set(compiler, run);
    }
    return run;
  };
  const call = async (...args: Args): Promise<Result> => {
    const run = current();
    return run === undefined ? (tf.tidy(() => fn(...args) as tf.TensorContainer) as Result) : run(...args);
  };
  return Object.assign(call, { prepare: async (...args: Args) => current()?.prepare(...args) });
}
