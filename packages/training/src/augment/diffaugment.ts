import type { Augmentation, Key } from "@ganymede/core";
import { fold, GanymedeError, integers, uniform } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { brightness, contrast, saturation } from "./color.js";
import { boxSide, cutout } from "./cutout.js";
import { mirror } from "./mirror.js";
import { scale } from "./scaling.js";
import { largestShift, translate } from "./translation.js";

export type AugmentationStep = "color" | "translation" | "mirror" | "cutout" | "scaling";

export interface DiffAugmentOptions {
  readonly id?: string;
  /** Operations in their order; color, translation, cutout where left out. */
  readonly policy?: readonly AugmentationStep[];
  /** Largest shift as a share of the sides; 0.125 where left out. */
  readonly translationRatio?: number;
  /** Sides of the box as a share of the image's; 0.5 where left out. */
  readonly cutoutRatio?: number;
  /** Largest enlargement, above 1; factors are log-uniform from 1 / limit to limit. 1.25 where left out. */
  readonly scalingLimit?: number;
  /** Chance per sample of each operation (of each of the three colour operations); 1 where left out, for mirror 0.5. */
  readonly probability?: Readonly<Partial<Record<AugmentationStep, number>>>;
}

/** 1 with the given chance, else 0: `[batch]`. No draw is made for a certain event. */
function coin(key: Key, batch: number, chance: number): tf.Tensor1D | null {
  if (chance === 1) return null;
  return tf.cast(tf.less(uniform<tf.Rank.R1>(fold(key, "coin"), [batch]), chance), "float32");
}

/** A uniform draw per sample; 0.5, which changes nothing, where the coin says no. */
function strength(key: Key, batch: number, chance: number): tf.Tensor1D {
  const draw = uniform<tf.Rank.R1>(key, [batch]);
  const chosen = coin(key, batch, chance);
  return chosen === null ? draw : tf.add(tf.mul(tf.sub(draw, 0.5), chosen), 0.5);
}

function shift(key: Key, batch: number, side: number, ratio: number, chosen: tf.Tensor1D | null): tf.Tensor1D {
  const limit = largestShift(side, ratio);
  const draw = tf.cast(integers<tf.Rank.R1>(key, [batch], -limit, limit + 1), "float32") as tf.Tensor1D;
  return chosen === null ? draw : tf.mul(draw, chosen);
}

function centre(key: Key, batch: number, side: number, ratio: number): tf.Tensor1D {
  return integers<tf.Rank.R1>(key, [batch], 0, side + 1 - (boxSide(side, ratio) % 2));
}

/**
 * DiffAugment: colour, translation and cutout with draws of their own per sample. Every operation is affine in the image, so
 * gradients flow to the generator and through penalties.
 *
 * `scaling` is off where no policy names it: ViTGAN's paper does (arXiv 2107.04589, section 4.1) but gives no range.
 *
 * Source: Zhao et al. 2020, arXiv 2006.10738, section 3.2 and the authors' PyTorch code. Chances below 1 as in ViTGAN's release.
 * @throws GanymedeError `invalid-argument` for a chance outside [0, 1] or a limit that is not above 1.
 */
export function diffAugment(options: DiffAugmentOptions = {}): Augmentation {
  const { policy = ["color", "translation", "cutout"], translationRatio = 0.125 } = options;
  const { cutoutRatio = 0.5, scalingLimit = 1.25 } = options;
  const chanceOf = { color: 1, translation: 1, mirror: 0.5, cutout: 1, scaling: 1, ...options.probability };
  for (const [step, chance] of Object.entries(chanceOf)) {
    if (!(chance >= 0 && chance <= 1)) {
      throw new GanymedeError(
        "invalid-argument",
        `diffAugment: the chance of ${step} must be in [0, 1], got ${chance}`,
      );
    }
  }
  if (!(scalingLimit > 1 && Number.isFinite(scalingLimit))) {
    throw new GanymedeError("invalid-argument", `diffAugment: scalingLimit must be above 1, got ${scalingLimit}`);
  }
  const steps = {
    color(x: tf.Tensor4D, key: Key) {
      const draw = (name: string) => strength(fold(key, name), x.shape[0], chanceOf.color);
      return contrast(saturation(brightness(x, draw("brightness")), draw("saturation")), draw("contrast"));
    },
    translation(x: tf.Tensor4D, key: Key) {
      const [batch, height, width] = x.shape;
      const chosen = coin(key, batch, chanceOf.translation);
      const rows = shift(fold(key, "rows"), batch, height, translationRatio, chosen);
      return translate(x, rows, shift(fold(key, "columns"), batch, width, translationRatio, chosen));
    },
    mirror: (x: tf.Tensor4D, key: Key) => mirror(x, coin(key, x.shape[0], chanceOf.mirror) ?? tf.ones([x.shape[0]])),
    cutout(x: tf.Tensor4D, key: Key) {
      const [batch, height, width] = x.shape;
      const rows = centre(fold(key, "rows"), batch, height, cutoutRatio);
      const columns = centre(fold(key, "columns"), batch, width, cutoutRatio);
      return cutout(x, rows, columns, cutoutRatio, coin(key, batch, chanceOf.cutout) ?? undefined);
    },
    scaling(x: tf.Tensor4D, key: Key) {
      // The draw that changes nothing, 0.5, becomes the factor 1.
      const draw = strength(key, x.shape[0], chanceOf.scaling);
      return scale(x, tf.exp(tf.mul(tf.sub(draw, 0.5), 2 * Math.log(scalingLimit))));
    },
  } satisfies Record<AugmentationStep, (x: tf.Tensor4D, key: Key) => tf.Tensor4D>;
  return {
    id: options.id ?? "diffaugment",
    source: "https://arxiv.org/abs/2006.10738",
    apply: (images, key) => policy.reduce((x, step) => steps[step](x, fold(key, step)), images),
  };
}
