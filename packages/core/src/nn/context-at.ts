import type { Context } from "../contracts/layer.js";
import { fold } from "../random/key.js";

/** The context of one of several layers: the same, with a key of its own, so that no two layers draw the same numbers. */
export function contextAt(context: Context | undefined, label: string | number): Context | undefined {
  return context?.mode === "training" ? { ...context, key: fold(context.key, label) } : context;
}
