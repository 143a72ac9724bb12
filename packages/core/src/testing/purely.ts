import { Tensor } from "@tensorflow/tfjs-core";
import { fail } from "./fail.js";

const readers = ["data", "dataSync", "array", "arraySync", "bytes", "bytesSync", "buffer", "bufferSync"] as const;

/**
 * Runs a function of a layer or term as in a compiled step, which is traced only once. A value that it reads would be frozen to that of
 * the first step, and so would a number drawn from anything but a key: `tf.randomNormal` and `Math.random` become constants of the
 * graph.
 *
 * @throws GanymedeError `nonconforming` with what was read or drawn.
 */
export function purely<Result>(fn: () => Result, who: string): Result {
  const prototype = Tensor.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  const own = Object.fromEntries(readers.map((name) => [name, prototype[name] as (typeof prototype)[string]]));
  const { random } = Math;
  for (const name of readers) {
    prototype[name] = () => fail(who, `it must not read values, but calls ${name}(); compute with tensors instead`);
  }
  Math.random = () =>
    fail(
      who,
      "it must draw from the context's key, but uses Math.random or one of tf.random...; use normal or uniform",
    );
  try {
    return fn();
  } finally {
    Object.assign(prototype, own);
    Math.random = random;
  }
}
