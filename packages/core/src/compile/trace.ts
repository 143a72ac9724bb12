import type { DataType, Tensor } from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { Draw } from "../random/draw.js";
import type { TracedKey } from "../random/key.js";

/** Callbacks of a backend during tracing: each random draw becomes an input of the graph. */
export interface Trace {
  draw(key: TracedKey, shape: readonly number[], dtype: DataType, draw: Draw): Tensor;
  /** Present while tracing in mixed precision: keeps a tensor in float32. */
  single?(tensor: Tensor): void;
}

let current: Trace | null = null;

/** The active trace. */
export function activeTrace(): Trace {
  if (current === null) {
    throw new GanymedeError("invalid-argument", "compile: a traced key was used outside its function");
  }
  return current;
}

/** Runs `body`; draws from traced keys go to `trace`. */
export function withTrace<Result>(trace: Trace, body: () => Result): Result {
  const outer = current;
  current = trace;
  try {
    return body();
  } finally {
    current = outer;
  }
}

/** Whether a function is being traced in mixed precision. */
export function inMixedPrecision(): boolean {
  return current?.single !== undefined;
}

/** The same tensor, kept in float32 where mixed precision would use half precision. */
export function keepFloat32<Held extends Tensor>(tensor: Held): Held {
  current?.single?.(tensor);
  return tensor;
}
