import type { DataType, Tensor } from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { Draw } from "../random/draw.js";
import type { TracedKey } from "../random/key.js";

/** What is asked of a backend while it traces a function: a place in the graph for each random draw. */
export interface Trace {
  draw(key: TracedKey, shape: readonly number[], dtype: DataType, draw: Draw): Tensor;
  /** Present while tracing in mixed precision: holds what stands for the tensor in float32 from here on. */
  single?(tensor: Tensor): void;
}

let current: Trace | null = null;

/** The trace that is under way. */
export function activeTrace(): Trace {
  if (current === null) {
    throw new GanymedeError(
      "invalid-argument",
      "compile: a traced key was used outside the function that it was given to",
    );
  }
  return current;
}

/** Runs `body` with draws from traced keys going to `trace`. */
export function withTrace<Result>(trace: Trace, body: () => Result): Result {
  const outer = current;
  current = trace;
  try {
    return body();
  } finally {
    current = outer;
  }
}

/** Whether a function is being traced in which products are computed in half precision. */
export function inMixedPrecision(): boolean {
  return current?.single !== undefined;
}

/** The tensor itself, held in float32 from here on where mixed precision would go on in half. */
export function single<Held extends Tensor>(tensor: Held): Held {
  current?.single?.(tensor);
  return tensor;
}
