import { fillDraw, fold, key } from "@ganymede/core";

/** Rows of length 1 at right angles to each other, in float64 (Gram and Schmidt, twice for the last bits). */
function orthogonalRows(seed: number, block: number, width: number): number[][] {
  const draws = new Float32Array(width * width);
  fillDraw(draws, { kind: "normal", mean: 0, deviation: 1 }, fold(fold(key(seed), "directions"), block));
  const rows: number[][] = [];
  for (let i = 0; i < width; i++) {
    let row = Array.from(draws.subarray(i * width, (i + 1) * width));
    for (let pass = 0; pass < 2; pass++) {
      for (const other of rows) {
        const along = row.reduce((sum, value, j) => sum + value * (other[j] as number), 0);
        row = row.map((value, j) => value - along * (other[j] as number));
      }
      const length = Math.hypot(...row);
      row = row.map((value) => value / length);
    }
    rows.push(row);
  }
  return rows;
}

/**
 * Gaussian directions [count width] that are at right angles within blocks of `width`, each as long as a Gaussian vector of its own:
 * estimates of a kernel by them vary less than by independent ones.
 *
 * Source: Choromanski et al. 2021, Performer, arXiv 2009.14794, section 2.4.
 */
export function orthogonalFeatures(seed: number, count: number, width: number): Float32Array {
  const lengths = new Float32Array(count * width);
  fillDraw(lengths, { kind: "normal", mean: 0, deviation: 1 }, fold(key(seed), "lengths"));
  const out = new Float32Array(count * width);
  for (let first = 0; first < count; first += width) {
    orthogonalRows(seed, first / width, width)
      .slice(0, count - first)
      .forEach((row, i) => {
        const own = (first + i) * width;
        const length = Math.hypot(...lengths.subarray(own, own + width));
        row.forEach((value, j) => {
          out[own + j] = value * length;
        });
      });
  }
  return out;
}
