import type { ElementArray } from "./element-type.js";

/** False if a value is NaN or infinite; integers always pass. */
export function allFinite(data: ElementArray): boolean {
  if (data instanceof Int32Array || data instanceof Uint8Array) return true;
  // A plain loop, because `every` calls a function per value: seconds for a large checkpoint.
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return false;
  return true;
}
