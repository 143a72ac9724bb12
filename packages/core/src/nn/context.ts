import type { Conditions, Context } from "../contracts/layer.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { Key } from "../random/key.js";
import { fold } from "../random/key.js";

/** Inference context, for applying a trained layer: `attention.apply(params, x, inference)`. */
export const inference: Context & { readonly mode: "inference" } = { mode: "inference", path: [] };

/** Context of one training pass, whose randomness comes from the key. */
export function training(key: Key, conditions: Conditions = {}): Context & { readonly mode: "training" } {
  return { mode: "training", key, path: [], ...conditions };
}

/** Context of a part: a longer path and, in training, its own key, so that no two layers draw the same numbers. */
export function contextAt(context: Context, label: string | number): Context {
  // Untyped callers may omit the context.
  if (context === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      "apply: a layer needs a context, got none; pass inference or training(key) of @ganymede/core",
    );
  }
  const path = [...context.path, label];
  return context.mode === "training" ? { ...context, path, key: fold(context.key, label) } : { ...context, path };
}
