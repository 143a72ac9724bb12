import { expectPixels, fold, GanymedeError, key, type Metric, type MetricResult } from "@ganymede/core";
import { decodeSafetensors, encodeSafetensors } from "@ganymede/core/checkpoint";
import { addPatches, mostRows, type PatchState, patchCount, patchSide } from "./patches.js";
import { type Descriptors, slicedDistance } from "./sliced-distance.js";

const id = "swd";
/** 4 times 128 directions, as in the source. */
const quarter = 128;
const directionKey = fold(key(0), "sliced-wasserstein");

/** Mean and standard deviation of each channel over all patches; the deviation is at least one grey level. */
function channelMoments(
  { rows, count }: Descriptors,
  channels: number,
): { mean: Float64Array; deviation: Float64Array } {
  const length = count * patchSide * patchSide;
  const mean = new Float64Array(channels);
  const squares = new Float64Array(channels);
  for (let i = 0; i < length * channels; i++) mean[i % channels]! += rows[i]! / length;
  for (let i = 0; i < length * channels; i++) squares[i % channels]! += (rows[i]! - mean[i % channels]!) ** 2 / length;
  return { mean, deviation: squares.map((value) => Math.max(1, Math.sqrt(value))) };
}

function distanceOfLevel(real: PatchState, generated: PatchState, level: number, channels: number): number {
  const width = patchSide * patchSide * channels;
  const sides = [real, generated].map((state): Descriptors => {
    const count = patchCount(state.count);
    return { rows: state.levels[level]!.rows.subarray(0, count * width), count };
  }) as [Descriptors, Descriptors];
  const { mean, deviation } = channelMoments(sides[0], channels);
  const [a, b] = sides.map(({ rows, count }) => ({
    rows: rows.map((value, i) => (value - mean[i % channels]!) / deviation[i % channels]!),
    count,
  })) as [Descriptors, Descriptors];
  return 1e3 * slicedDistance(a, b, width, quarter, directionKey);
}

function finish(real: PatchState, generated: PatchState): MetricResult {
  const shape = real.shape;
  if (shape === null || shape.join() !== generated.shape?.join()) {
    throw new GanymedeError(
      "invalid-argument",
      `slicedWasserstein: both sets must have images of one size, got ${shape?.join("x") ?? "none"} and ${generated.shape?.join("x") ?? "none"} (side x channels); resize both to one size`,
    );
  }
  const distances = real.levels.map((_, level) => distanceOfLevel(real, generated, level, shape[1]));
  const details = Object.fromEntries(distances.map((distance, i) => [`${id}-${real.levels[i]!.side}`, distance]));
  return {
    id,
    value: distances.reduce((sum, distance) => sum + distance, 0) / distances.length,
    details: { ...details, realImages: real.count, generatedImages: generated.count },
  };
}

function save({ count, shape, levels }: PatchState): Uint8Array {
  const [side, channels] = shape ?? [0, 0];
  const width = patchSide * patchSide * channels;
  const rows = patchCount(count);
  return encodeSafetensors(
    levels.map((level) => ({
      name: String(level.side),
      shape: [rows, width],
      dtype: "F32",
      data: level.rows.slice(0, rows * width),
    })),
    { id, count: String(count), side: String(side), channels: String(channels) },
  );
}

function load(bytes: Uint8Array): PatchState {
  const { metadata, tensors } = decodeSafetensors(bytes, `statistics of ${id}`);
  const [count, side, channels] = [metadata.count, metadata.side, metadata.channels].map(Number) as [
    number,
    number,
    number,
  ];
  const width = patchSide * patchSide * channels;
  const fits = [...tensors.values()].every(({ data }) => data.length === patchCount(count) * width);
  if (metadata.id !== id || !Number.isSafeInteger(count) || !fits) {
    throw new GanymedeError(
      "invalid-checkpoint",
      `statistics of ${id}: the protocol must be the same, got ${metadata.id}; compute them again`,
    );
  }
  const levels = [...tensors].map(([name, { data }]) => {
    const rows = new Float32Array(mostRows * width);
    rows.set(data);
    return { side: Number(name), rows };
  });
  return { count, shape: count === 0 ? null : [side, channels], levels: levels.sort((a, b) => b.side - a.side) };
}

/**
 * Sliced Wasserstein distance of image patches; needs no weights. Per level of the Laplacian pyramid (halved down to at least 16
 * pixels): 32 random 7x7 patches per image (at most 16,384 in total, by reservoir sampling), normalised per channel, projected on 512
 * random directions; the mean distance of the sorted projections times 1000. The value is the mean over levels; zero for equal
 * sets. Square uint8 images of at least 16 pixels, grey or colour. All draws have fixed keys, so results are comparable.
 *
 * Source: Karras et al. 2018, arXiv 1710.10196, section 5.
 * Differs from source: both sets are normalised by the mean and standard deviation of the real set, so that a shift of colour or contrast
 * counts; 32 patches instead of 128; sets of different sizes are compared through their quantile functions.
 */
export function slicedWasserstein(): Metric<PatchState> {
  return {
    id,
    source: "https://arxiv.org/abs/1710.10196",
    better: "smaller",
    start: () => ({ count: 0, shape: null, levels: [] }),
    async add(state, images, shape) {
      expectPixels(images, shape, id);
      addPatches(state, images, shape);
    },
    finish,
    save,
    load,
  };
}
