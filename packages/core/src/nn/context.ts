import type { Conditions, Context } from "../contracts/layer.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import type { Key } from "../random/key.js";
import { fold } from "../random/key.js";

/** The context of a trained layer by itself: `attention.apply(params, x, inference)`. */
export const inference: Context & { readonly mode: "inference" } = { mode: "inference", path: [] };

/** The context of one training pass: what it draws follows from the key. */
export function training(key: Key, conditions: Conditions = {}): Context & { readonly mode: "training" } {
  return { mode: "training", key, path: [], ...conditions };
}

/** The context of a part: a longer path and, in training, a key of its own, so that no two layers draw the same numbers. */
export function contextAt(context: Context, label: string | number): Context {
  // Callers without types can leave it out.
  if (context === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      "apply: a layer must be given a context, got none; pass inference or training(key) of @ganymede/core",
    );
  }
  const path = [...context.path, label];
  return context.mode === "training" ? { ...context, path, key: fold(context.key, label) } : { ...context, path };
}
