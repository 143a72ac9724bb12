import type { Key } from "@ganymede/core";
import { fillDraw, fold, GanymedeError } from "@ganymede/core";

/**
 * Latents `[count, size]` from N(0, I): row i is drawn from `fold(key, i)`, so it is the same in any batch.
 *
 * @param truncation values beyond this bound are redrawn (the truncation trick); Infinity for none.
 * Source of the truncation trick: Brock et al. 2019, BigGAN, arXiv 1809.11096, section 3.1.
 */
export function drawLatents(
  key: Key,
  first: number,
  count: number,
  size: number,
  truncation = Number.POSITIVE_INFINITY,
): Float32Array {
  if (!(truncation >= 0.05)) {
    throw new GanymedeError("invalid-argument", `\`truncation\`: it must be at least 0.05, got ${truncation}`);
  }
  const out = new Float32Array(count * size);
  for (let i = 0; i < count; i++) fillRow(out.subarray(i * size, (i + 1) * size), fold(key, first + i), truncation);
  return out;
}

/** Uniform classes `[count]` for the images of `drawLatents`: row i is drawn from `fold(fold(key, i), "label")`. */
export function drawLabels(key: Key, first: number, count: number, classes: number): Int32Array {
  const out = new Int32Array(count);
  const draw = { kind: "integers", low: 0, high: classes } as const;
  for (let i = 0; i < count; i++) fillDraw(out.subarray(i, i + 1), draw, fold(fold(key, first + i), "label"));
  return out;
}

function fillRow(row: Float32Array, key: Key, truncation: number): void {
  const draw = { kind: "normal", mean: 0, deviation: 1 } as const;
  fillDraw(row, draw, key);
  if (truncation === Number.POSITIVE_INFINITY) return;
  const spare = new Float32Array(row.length);
  let outside = row.findIndex((value) => Math.abs(value) > truncation);
  for (let round = 1; outside >= 0; round++) {
    fillDraw(spare, draw, fold(key, round));
    for (let i = outside; i < row.length; i++) if (Math.abs(row[i] as number) > truncation) row[i] = spare[i] as number;
    outside = row.findIndex((value) => Math.abs(value) > truncation);
  }
}

/** Kind of interpolation. */
export type Path = "linear" | "spherical";

/** Weights of both ends at t, on the great circle with the angle between them. */
function onCircle(angle: number, t: number): readonly [number, number] {
  const sine = Math.sin(angle);
  return sine < 1e-6 ? [1 - t, t] : [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
}

/**
 * `steps` points from a to b, both included: on a straight line, or on the great circle with interpolated lengths (Shoemake 1985;
 * White 2016, arXiv 1609.04468), because a straight line between latents passes through lengths that N(0, I) almost never has.
 */
export function interpolate(a: Float32Array, b: Float32Array, steps: number, path: Path): Float32Array {
  const dot = a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  const cosine = dot / (Math.hypot(...a) * Math.hypot(...b));
  const angle = path === "linear" ? 0 : Math.acos(Math.min(1, Math.max(-1, cosine)));
  const out = new Float32Array(steps * a.length);
  for (let s = 0; s < steps; s++) {
    const [ofA, ofB] = onCircle(angle, s / (steps - 1));
    for (let i = 0; i < a.length; i++) out[s * a.length + i] = ofA * (a[i] as number) + ofB * (b[i] as number);
  }
  return out;
}
