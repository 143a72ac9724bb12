import type { Dataset, DatasetOptions, DatasetSource } from "@ganymede/core";
import { fold, GanymedeError, key } from "@ganymede/core";
import { convertChannels } from "../channels.js";
import { expectIndex } from "../memory-dataset.js";
import { renderScene } from "./render-scene.js";
import { drawScene } from "./scene.js";

/** A parsed spec `scenes`, `scenes:64` or `scenes:64:7`. */
export interface ScenesSpec {
  /** Side in pixels, 32 to 256. */
  readonly size: number;
  readonly seed: number;
}

/** Number of images per split. */
export const scenesLength = { train: 50_000, test: 10_000 } as const;

/** Incremented whenever a change of this folder changes a pixel of any scene. */
const scenesVersion = "scenes-1";

const pattern = /^scenes(?::(\d+))?(?::(\d+))?$/;

/** Parses `scenes[:size[:seed]]` (default: 32 pixels, seed 0); null for another spec. */
export function parseScenesPlace(place: string): ScenesSpec | null {
  const match = pattern.exec(place);
  return match === null ? null : { size: Number(match[1] ?? 32), seed: Number(match[2] ?? 0) };
}

/** Image `index` of a seed: uint8 `[size, size, 3]`, a function of these three numbers. */
export function sceneImage(seed: number, index: number, size: number): Uint8Array {
  return renderScene(drawScene(fold(fold(key(seed), "scenes"), index)), size);
}

/** Renders images of a spec, `[indices.length, size, size, 3]`. */
export type SceneRenderer = (spec: ScenesSpec, indices: Uint32Array) => Promise<Uint8Array>;

/** Renders in the calling thread, as in a browser page or a test. */
export const renderHere: SceneRenderer = async (spec, indices) => {
  const bytes = spec.size * spec.size * 3;
  const out = new Uint8Array(indices.length * bytes);
  indices.forEach((index, k) => {
    out.set(sceneImage(spec.seed, index, spec.size), k * bytes);
  });
  return out;
};

/**
 * The procedural dataset: small scenes of two to five coloured shapes with occlusion and a soft shadow, a function of (seed,
 * index, size). The images of the `test` split follow those of `train`.
 *
 * @param render renderer of the images, whose resources `close` frees.
 * @throws GanymedeError `invalid-argument` for a size outside [32, 256].
 */
export function scenesDataset(
  spec: ScenesSpec,
  options: DatasetOptions,
  render: SceneRenderer,
  close?: () => Promise<void>,
): Dataset {
  const size = options.size ?? spec.size;
  expectSceneSize(size);
  const split = options.split ?? "train";
  const channels = options.channels ?? 3;
  const length = scenesLength[split];
  const first = split === "train" ? 0 : scenesLength.train;
  return {
    id: `scenes-${spec.seed}-${split}-${size}-${channels === 1 ? "grey" : "colour"}`,
    length,
    imageShape: [size, size, channels],
    async read(indices) {
      const places = Uint32Array.from(indices, (index) => first + expectIndex(index, length, "scenes"));
      return convertChannels(await render({ seed: spec.seed, size }, places), 3, channels);
    },
    // The id includes everything that a scene depends on; the version changes with the rendering code.
    fingerprint: async () => scenesVersion,
    ...(close !== undefined && { close }),
  };
}

/** The `scenes` source, rendered in the calling thread; that of `@ganymede/data/node` uses worker threads. */
export const scenes: DatasetSource = {
  id: "scenes",
  source: "https://github.com/ganymede-gan/ganymede/tree/main/packages/data#scenes",
  detect: async (place) => parseScenesPlace(place) !== null,
  open: async (place, options) => scenesDataset(expectScenesPlace(place), options, renderHere),
};

function expectSceneSize(size: number): void {
  if (!Number.isInteger(size) || size < 32 || size > 256) {
    throw new GanymedeError("invalid-argument", `scenes: size must be a whole number from 32 to 256, got ${size}`);
  }
}

/** @throws GanymedeError `invalid-argument` for a malformed spec, or a size outside [32, 256]. */
export function expectScenesPlace(place: string): ScenesSpec {
  const spec = parseScenesPlace(place);
  if (spec === null) {
    throw new GanymedeError("invalid-argument", `scenes: the spec must be scenes[:size[:seed]], got "${place}"`);
  }
  expectSceneSize(spec.size);
  return spec;
}
