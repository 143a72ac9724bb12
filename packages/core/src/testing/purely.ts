import { Tensor } from "@tensorflow/tfjs-core";
import { fail } from "./fail.js";

const readers = ["data", "dataSync", "array", "arraySync", "bytes", "bytesSync", "buffer", "bufferSync"] as const;

/**
 * Runs a layer's or a term's function as it runs inside a compiled step, where it is traced once and never again. A value that it reads
 * would be the first step's for ever, and so would a number that it draws from anything but a key: `tf.randomNormal` and `Math.random`
 * become constants of the graph.
 *
 * @throws GanymedeError `nonconforming` naming what was read or drawn.
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
