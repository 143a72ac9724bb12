import type { Key } from "@ganymede/core";
import { fillDraw, fold, GanymedeError } from "@ganymede/core";

/**
 * Latents `[count, size]` from N(0, I), a function of the key alone: row i is drawn from `fold(key, i)`, so the same image has
 * the same number in any batch.
 *
 * @param truncation values beyond this bound are drawn again (the truncation trick); infinite for none.
 * Source of the trick: Brock et al. 2019, BigGAN, arXiv 1809.11096, section 3.1.
 */
export function drawLatents(
  key: Key,
  first: number,
  count: number,
  size: number,
  truncation = Number.POSITIVE_INFINITY,
): Float32Array {
  if (!(truncation >= 0.05)) {
    throw new GanymedeError("invalid-argument", `--truncation: it must be at least 0.05, got ${truncation}`);
  }
  const out = new Float32Array(count * size);
  for (let i = 0; i < count; i++) fillRow(out.subarray(i * size, (i + 1) * size), fold(key, first + i), truncation);
  return out;
}

/** Uniform classes `[count]` of the same images as `drawLatents`: the one of row i is drawn from `fold(fold(key, i), "label")`. */
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

/**
 * `steps` latents on the great circle from a to b, both included, and with lengths between theirs (Shoemake 1985; White 2016,
 * arXiv 1609.04468): a straight line would pass through lengths that N(0, I) never has.
 */
export function interpolateLatents(a: Float32Array, b: Float32Array, steps: number): Float32Array {
  const length = (v: Float32Array) => Math.hypot(...v);
  const [la, lb] = [length(a), length(b)];
  const cosine = a.reduce((sum, value, i) => sum + value * (b[i] as number), 0) / (la * lb);
  const angle = Math.acos(Math.min(1, Math.max(-1, cosine)));
  const out = new Float32Array(steps * a.length);
  for (let s = 0; s < steps; s++) {
    const t = steps === 1 ? 0 : s / (steps - 1);
    const straight = Math.sin(angle) < 1e-6;
    const wa = straight ? 1 - t : Math.sin((1 - t) * angle) / Math.sin(angle);
    const wb = straight ? t : Math.sin(t * angle) / Math.sin(angle);
    for (let i = 0; i < a.length; i++) out[s * a.length + i] = wa * (a[i] as number) + wb * (b[i] as number);
  }
  return out;
}
