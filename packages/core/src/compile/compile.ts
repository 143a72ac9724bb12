import * as tf from "@tensorflow/tfjs-core";
import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";

/** Tensors, a key, or plain values; another plain value means another trace. */
export type CompileArgument = ParamTree | Key | number | string | boolean | null;

/** A function as `compile` gives it back: the caller owns the result; arguments are borrowed. */
export type Compiled<Args extends readonly CompileArgument[], Result extends ParamTree> = (
  ...args: Args
) => Promise<Result>;

/** What a backend that runs whole functions offers: found on the tfjs backend under `compilerSymbol`. */
export interface FunctionCompiler {
  compile<Args extends readonly CompileArgument[], Result extends ParamTree>(
    fn: (...args: Args) => Result,
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
 */
export function compile<Args extends readonly CompileArgument[], Result extends ParamTree>(
  fn: (...args: Args) => Result,
): Compiled<Args, Result> {
  const compiled = new WeakMap<FunctionCompiler, Compiled<Args, Result>>();
  return async (...args) => {
    const compiler = compilerOf(tf.backend());
    if (compiler === undefined) return tf.tidy(() => fn(...args) as tf.TensorContainer) as Result;
    let run = compiled.get(compiler);
    if (run === undefined) {
      run = compiler.compile(fn);
      compiled.set(compiler, run);
    }
    return run(...args);
  };
}
