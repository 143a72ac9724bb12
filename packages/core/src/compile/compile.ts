import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";

/** Tensors, a key, or plain values; another plain value means another trace. */
export type CompileArgument = ParamTree | Key | number | string | boolean | null;

/** A function as `compile` gives it back: the caller owns the result; arguments are borrowed. */
export type Compiled<Args extends readonly CompileArgument[], Result extends ParamTree> = (
  ...args: Args
) => Promise<Result>;

/** Number format of products and of what lies between them. */
export type Precision = "float32" | "float16";

/** How `compile` computes a function. */
export interface CompileOptions {
  /**
   * `float16` for mixed precision: matrix products and convolutions of data, and what only moves or combines their results, in half
   * precision; sums, means, norms, softmax, losses and what is computed from weights alone in float32, as all arguments and results are.
   * `float32` where left out.
   */
  readonly precision?: Precision;
  /** Positions of the arguments that hold master weights, for `float16`; none where left out. */
  readonly weights?: readonly number[];
}

/** What a backend that runs whole functions offers: found on the tfjs backend under `compilerSymbol`. */
export interface FunctionCompiler {
  /** @throws GanymedeError `unsupported`, at the first call, where the device has no half precision and the options ask for it. */
  compile<Args extends readonly CompileArgument[], Result extends ParamTree>(
    fn: (...args: Args) => Result,
    options?: CompileOptions,
  ): Compiled<Args, Result>;
}

/** Under this name a tfjs backend carries its `FunctionCompiler`; a shared symbol, so that two copies of core agree. */
export const compilerSymbol: unique symbol = Symbol.for("ganymede.compiler") as never;

function compilerOf(backend: object): FunctionCompiler | undefined {
  return (backend as { [compilerSymbol]?: FunctionCompiler })[compilerSymbol];
}

/**
 * Makes a pure function over trees fast on the current backend.
 *
 * On a compiling backend the first call traces the function into one graph; later calls with the same shapes and plain values
 * feed buffers straight to it. On an eager backend each call just runs the function. The function must be pure: its result
 * depends on its arguments alone, its randomness comes from a key among them, and it reads no tensor's values.
 *
 * @returns an asynchronous function; its caller owns the tensors of the result.
 * @throws GanymedeError `unsupported`, when the result is called, for `float16` on a backend or a device without it.
 */
export function compile<Args extends readonly CompileArgument[], Result extends ParamTree>(
  fn: (...args: Args) => Result,
  options: CompileOptions = {},
): Compiled<Args, Result> {
  const compiled = new WeakMap<FunctionCompiler, Compiled<Args, Result>>();
  return async (...args) => {
    const compiler = compilerOf(tf.backend());
    if (compiler === undefined && options.precision === "float16") {
      throw new GanymedeError(
        "unsupported",
        `compile: float16 needs a backend that compiles whole functions, got ${tf.getBackend()}; set precision to float32 or use one that does, such as onnx-webgpu or onnx-cuda`,
      );
    }
    if (compiler === undefined) return tf.tidy(() => fn(...args) as tf.TensorContainer) as Result;
    let run = compiled.get(compiler);
    if (run === undefined) {
      run = compiler.compile(fn, options);
      compiled.set(compiler, run);
    }
    return run(...args);
  };
}
