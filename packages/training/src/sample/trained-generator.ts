import type { AdversarialModel } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { toBytes } from "@ganymede/data";
import * as tf from "@tensorflow/tfjs-core";
import type { AttentionMaps, ChooseRows } from "./attention-maps.js";
import { attentionMaps } from "./attention-maps.js";
import type { LoadedSampler, OnRows } from "./load-sampler.js";
import { drawImages, drawSources } from "./pictures/sources.js";
import { truncateStyles } from "./truncate-styles.js";

/** Options of `TrainedGenerator.sample`. */
export interface SampleOptions {
  /** Seed of counted images: image i depends only on the seed and i. Default: 0. */
  readonly seed?: number;
  /** Bound of drawn latents (the truncation trick), at least 0.05. Default: none. */
  readonly truncation?: number;
  /** Truncation of styles w towards their mean: w' = m + psi (w - m), in [0, 1]. Default: 1, no truncation. */
  readonly psi?: number;
  /** One class for all images, or one per image. Default: drawn from the seed if the model has classes. */
  readonly classes?: number | ArrayLike<number>;
}

/** Images as bytes. */
export interface SampledImages {
  /** uint8 `[count, H, W, C]`. */
  readonly pixels: Uint8Array;
  readonly count: number;
  /** `[H, W, C]`. */
  readonly imageShape: readonly [number, number, number];
}

/** Which images to draw, and which rows of attention to read. */
export interface AttentionOptions extends Pick<SampleOptions, "seed" | "truncation" | "classes"> {
  /** Queries to read in each layer. Default: all. */
  readonly rows?: ChooseRows;
}

/** Images and the attention weights of their generation. */
export interface ObservedImages extends SampledImages {
  /** Layers in execution order. */
  readonly layers: readonly AttentionMaps[];
}

/** The generator's EMA of a run. */
export interface TrainedGenerator {
  readonly model: AdversarialModel;
  /**
   * Draws images: a count of images of the seed, or those of latents `[count, latentSize]`.
   *
   * @throws GanymedeError `invalid-argument` for values out of range; `unsupported` for `psi` of a model without styles, or classes of a model
   *   without classes.
   */
  sample(what: number | Float32Array, options?: SampleOptions): Promise<SampledImages>;
  /**
   * Draws images like `sample`, and returns the attention weights of every layer.
   *
   * @throws GanymedeError like `sample`.
   */
  attention(what: number | Float32Array, options?: AttentionOptions): Promise<ObservedImages>;
  /** Maps latents `[count, latentSize]` to styles w `[count, D]`. Absent if the model has none. */
  readonly mapping?: OnRows;
  /** Maps styles to images in [-1, 1]. Absent if the model has none. */
  readonly synthesis?: OnRows;
  /** Frees the weights. */
  dispose(): void;
}

function refuse(code: "invalid-argument" | "unsupported", rule: string): never {
  throw new GanymedeError(code, `sample: ${rule}`);
}

/** Classes `[count]`; undefined if they are drawn from the seed. */
function classesOf(
  { classes: most }: AdversarialModel,
  wanted: SampleOptions["classes"],
  count: number,
): Int32Array | undefined {
  if (wanted === undefined) return undefined;
  if (most === undefined) refuse("unsupported", "the model must have classes, but it has none; remove classes");
  const labels = typeof wanted === "number" ? new Int32Array(count).fill(wanted) : Int32Array.from(wanted);
  const isFit = labels.length === count && labels.every((label) => label >= 0 && label < most);
  if (!isFit) refuse("invalid-argument", `classes must be ${count} numbers from 0 to ${most - 1}, got ${labels}`);
  return labels;
}

/** A generator with plain arrays and options in and bytes out. Owns the sampler. */
export function trainedGenerator(sampler: LoadedSampler): TrainedGenerator {
  const { model, styles } = sampler;
  // The mean style needs 4096 latents: computed once per psi.
  const truncated = new Map<number, Promise<LoadedSampler>>();
  const withPsi = async (psi: number): Promise<LoadedSampler> => {
    if (psi === 1) return sampler;
    const known = truncated.get(psi) ?? truncateStyles(sampler, psi);
    truncated.set(psi, known);
    return known;
  };
  const sourcesOf = (what: number | Float32Array, { seed = 0, truncation, classes }: SampleOptions) => {
    const count = typeof what === "number" ? what : what.length / model.latentSize;
    if (!Number.isSafeInteger(count) || count < 1) {
      const got = typeof what === "number" ? what : `${what.length} numbers`;
      refuse(
        "invalid-argument",
        `the first argument must be a count from 1 or whole rows of ${model.latentSize} numbers, got ${got}`,
      );
    }
    const drawn = drawSources(model, { seed, truncation, class: undefined }, 0, count);
    const labels = classesOf(model, classes, count) ?? drawn.labels;
    const values = typeof what === "number" ? drawn.values : what;
    return { values, count, ...(labels && { labels }) };
  };
  const { imageShape } = model;
  return {
    model,
    async sample(what, options = {}) {
      const sources = sourcesOf(what, options);
      const pixels = await drawImages((await withPsi(options.psi ?? 1)).sample, sources);
      return { pixels, count: sources.count, imageShape };
    },
    async attention(what, { rows, ...options } = {}) {
      const { values, count, labels } = sourcesOf(what, options);
      const z = tf.tensor2d(values, [count, model.latentSize]);
      const classes = labels === undefined ? null : tf.tensor1d(labels, "int32");
      const { output, maps } = await attentionMaps((observe) => sampler.draw(z, classes, observe), rows);
      const pixels = toBytes((await output.data()) as Float32Array);
      tf.dispose([output, z, classes ?? []]);
      return { pixels, count, imageShape, layers: maps };
    },
    ...(styles !== undefined && { mapping: styles.mapping, synthesis: styles.synthesis }),
    dispose: sampler.dispose,
  };
}
