/**
 * Locality-aware start: dot-product attention whose tokens at first see their neighbours only; the neighbourhood opens in steps over
 * training until all see all. Early layers then learn as convolutions do, and global attention comes when there is something to attend to.
 * Shapes: x [B, N, C] -> [B, N, C].
 * Cost: as dot products; hidden weights are computed and lost.
 * Source: Jiang, Chang and Wang 2021, TransGAN, arXiv 2102.07074v1, section 3.4; `bandMask` and the schedules from the release of
 * February 2021, VITA-Group/TransGAN, `models/TransGAN_8_8_1.py`, `windowMask` from the paper's text.
 * Differs from source: the release hides by the distance in the list of pixels, a band, not in the map; both are offered.
 */
import type { AttentionOptions } from "@ganymede/core";
import { defineAttention } from "@ganymede/core";
import { nullable, oneOf, record, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import { hidden } from "./parts/hidden.js";
import type { LogitBias } from "./parts/logit-bias.js";
import { gridOf, maskBias } from "./parts/logit-bias.js";
import { multiHead } from "./parts/multi-head.js";

/** How far apart two tokens are. */
export type Distance = (i: number, j: number, options: AttentionOptions) => number;

/** Places in the list: the release's form. */
export const bandDistance: Distance = (i, j) => Math.abs(i - j);

/** Rows or columns of the map, whichever are more: the paper's words. Needs a grid. */
export const windowDistance: Distance = (i, j, options) => {
  const [, columns] = gridOf(options, "windowDistance");
  const down = Math.floor(i / columns) - Math.floor(j / columns);
  return Math.max(Math.abs(down), Math.abs((i % columns) - (j % columns)));
};

/** Tokens see those at most `width` places away in the list. */
export const bandMask = (width: number): LogitBias => maskBias((i, j, options) => bandDistance(i, j, options) <= width);

/** Tokens see the square of pixels at most `reach` rows and columns away. Needs a grid. */
export const windowMask = (reach: number): LogitBias =>
  maskBias((i, j, options) => windowDistance(i, j, options) <= reach);

/** Entries of a schedule: up to `before`, exclusive, in epochs or steps, tokens see `width`; after the last entry they see all. */
export type LocalitySchedule = readonly { readonly before: number; readonly width: number }[];

/** Schedules of the release, in epochs. */
export const localitySchedules = {
  cifar10: [
    { before: 22, width: 4 },
    { before: 32, width: 6 },
    { before: 42, width: 8 },
    { before: 60, width: 10 },
  ],
  celeba64: [
    { before: 5, width: 8 },
    { before: 10, width: 12 },
    { before: 15, width: 16 },
    { before: 20, width: 20 },
  ],
} as const satisfies Readonly<Record<string, LocalitySchedule>>;

/** What tokens see in this epoch; null for all. */
export function localityWidth(schedule: LocalitySchedule, epoch: number): number | null {
  return schedule.find(({ before }) => epoch < before)?.width ?? null;
}

export interface ScheduledMaskSettings {
  readonly distance: Distance;
  /** In training steps. */
  readonly schedule: LocalitySchedule;
}

/** What is seen at a step, a scalar; `all` after the last entry. */
function widthAt(schedule: LocalitySchedule, step: tf.Scalar, all: number): tf.Scalar {
  return schedule.reduceRight((later, { before, width }) => {
    const early = tf.cast(tf.less(step, before), "float32");
    return tf.add(tf.mul(early, width), tf.mul(tf.sub(1, early), later)) as tf.Scalar;
  }, tf.scalar(all));
}

/** A mask that follows the training step of the context, also in a compiled step; without a step tokens see all. */
export const scheduledMask = ({ distance, schedule }: ScheduledMaskSettings): LogitBias => ({
  create: (options) => ({
    init: () => ({}),
    apply(_, tokens, context) {
      if (context.step === undefined) return tf.scalar(0);
      const distances = Float32Array.from({ length: tokens * tokens }, (_value, place) =>
        distance(Math.floor(place / tokens), place % tokens, options),
      );
      const far = tf.greater(tf.tensor2d(distances, [tokens, tokens]), widthAt(schedule, context.step, tokens));
      return tf.mul(tf.cast(far, "float32"), hidden);
    },
  }),
});

const masks = { band: bandMask, window: windowMask };

export const localInit = defineAttention({
  id: "local-init",
  source: "https://arxiv.org/abs/2102.07074",
  defaults: { width: 4, mask: "band" },
  settings: record({
    /** What is seen now, `localityWidth` of the epoch; null for all. Default: 4, the first of the release. */
    width: nullable(whole(0)),
    /** What `width` counts: places in the list (`band`), or rows and columns of the map (`window`). Default: `band`. */
    mask: oneOf("band", "window"),
  }),
  create: ({ width, mask }, options) =>
    multiHead(options, { biases: width === null ? [] : [masks[mask](width)] }, "localInit"),
});
