import { fillDraw, type Key } from "@ganymede/core";

/** Normal draws in float64 arrays, for tests. */
export function normals(key: Key, count: number): Float64Array {
  const values = new Float32Array(count);
  fillDraw(values, { kind: "normal", mean: 0, deviation: 1 }, key);
  return Float64Array.from(values);
}
