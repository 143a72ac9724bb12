import { fillDraw, fold, GanymedeError, type Key, key, type MetricState } from "@ganymede/core";
import { laplacianPyramid, levelSides } from "./laplacian-pyramid.js";

export const patchSide = 7;
/** Patches of each image at each level. */
const patchesPerImage = 32;
/** Most patches per level; beyond it a new patch replaces a random one, so that all images count equally. */
const mostPatches = 16_384;

/** Patches of one level, row-major, 7 * 7 * channels values each. */
export interface LevelPatches {
  readonly side: number;
  readonly rows: Float32Array;
}

export interface PatchState extends MetricState {
  count: number;
  /** `[side, channels]` of the images; null before the first. */
  shape: readonly [side: number, channels: number] | null;
  /** One per level, finest first; rows are filled in order. */
  levels: LevelPatches[];
}

/** Number of patches of each level after `count` images. */
export const patchCount = (count: number): number => Math.min(count * patchesPerImage, mostPatches);

export const mostRows = mostPatches;

/** A fixed seed, so that results are comparable; images differ by their position. */
const patchKey: Key = fold(key(0), "sliced-wasserstein-patches");

function begin(state: PatchState, height: number, width: number, channels: number): void {
  if (height !== width || height < 16 || (state.shape !== null && state.shape.join() !== `${height},${channels}`)) {
    throw new GanymedeError(
      "invalid-argument",
      `slicedWasserstein: images must be square, of one size and at least 16 pixels, got ${height}x${width}x${channels}${state.shape === null ? "" : ` after ${state.shape[0]}x${state.shape[0]}x${state.shape[1]}`}`,
    );
  }
  if (state.shape !== null) return;
  state.shape = [height, channels];
  const values = mostPatches * patchSide * patchSide * channels;
  state.levels = levelSides(height).map((side) => ({ side, rows: new Float32Array(values) }));
}

/** Row of patch number `index`: its own while there is space, then a random one or none (reservoir sampling). */
function rowOf(index: number, chance: number): number {
  if (index < mostPatches) return index;
  const row = Math.floor(chance * (index + 1));
  return row < mostPatches ? row : -1;
}

function copyPatch(
  from: Float32Array,
  rowLength: number,
  start: number,
  to: Float32Array,
  at: number,
  length: number,
): void {
  for (let i = 0; i < patchSide; i++) {
    const line = start + i * rowLength;
    to.set(from.subarray(line, line + length), at + i * length);
  }
}

/** Adds uint8 images `[B, H, W, C]`, H = W: random patches of every level of their Laplacian pyramids. */
export function addPatches(
  state: PatchState,
  images: Uint8Array,
  shape: readonly [number, number, number, number],
): void {
  const [batch, height, width, channels] = shape;
  begin(state, height, width, channels);
  const size = height * width * channels;
  const length = patchSide * channels;
  const draws = new Float32Array(3 * patchesPerImage);
  for (let n = 0; n < batch; n++) {
    const values = Float32Array.from(images.subarray(n * size, (n + 1) * size));
    const pyramid = laplacianPyramid({ values, height, width, channels }, state.levels.length);
    for (const [level, plane] of pyramid.entries()) {
      const { rows } = state.levels[level]!;
      fillDraw(draws, { kind: "uniform", low: 0, high: 1 }, fold(fold(patchKey, state.count), level));
      for (let p = 0; p < patchesPerImage; p++) {
        const row = rowOf(state.count * patchesPerImage + p, draws[3 * p]!);
        if (row < 0) continue;
        const top = Math.floor(draws[3 * p + 1]! * (plane.height - patchSide + 1));
        const left = Math.floor(draws[3 * p + 2]! * (plane.width - patchSide + 1));
        const start = (top * plane.width + left) * channels;
        copyPatch(plane.values, plane.width * channels, start, rows, row * patchSide * length, length);
      }
    }
    state.count++;
  }
}
