import type { Precision } from "../compile/compile.js";

/** How a model is trained: data, written to the run folder before the first step. */
export interface TrainingConfig {
  /** Real images per update of the discriminator. */
  readonly batch: number;
  /** Generated images per update of the generator; null, or left out, for as many as `batch`. */
  readonly generatorBatch?: number | null;
  /** Updates of the discriminator in a step, each on images of its own, before the one of the generator; 1 where left out. */
  readonly discriminatorSteps?: number;
  /** Parts, of `batch` images each, whose gradients are averaged for one update: large batches in little memory. 1 where left out. */
  readonly accumulation?: number;
  /** Adam's step sizes; the same for both networks unless two time scales are wanted (TTUR). */
  readonly learningRate: { readonly generator: number; readonly discriminator: number };
  /** Linear warm-up of both rates, in steps; 0 for none. */
  readonly warmupSteps: number;
  /** Decay of both rates; constant where left out. */
  readonly schedule?: ScheduleConfig;
  /** Adam's decay rates of the two moments. */
  readonly betas: readonly [number, number];
  /** Largest global norm of a network's gradients; null, or left out, for no limit. */
  readonly clipNorm?: number | null;
  /** Id of an adversarial loss, as `non-saturating`. */
  readonly loss: string;
  readonly penalties: readonly PenaltyConfig[];
  /** Of the generator's objective; none where left out. */
  readonly generatorPenalties?: readonly GeneratorPenaltyConfig[];
  /** Balanced consistency regularisation (bCR), weights of its two terms (CR with `fake: 0`); null for none. */
  readonly consistency: { readonly real: number; readonly fake: number } | null;
  /** Latent consistency (zCR); null, or left out, for none. */
  readonly latentConsistency?: LatentConsistencyConfig | null;
  /** Keeps the critic's level near zero by weight * (mean D(x))^2; null, or left out, for none. */
  readonly drift?: number | null;
  /** Logits per pixel join the loss in equal parts; null, or left out, for none. */
  readonly pixels?: PixelConfig | null;
  /** Weight of the co-training by super-resolution; null, or left out, for none. */
  readonly superResolution?: number | null;
  /** Id of an augmentation of every image that the discriminator sees, as `diffaugment`; null for none. */
  readonly augmentation: string | null;
  /** Sets the strength of an adaptive augmentation; null, or left out, leaves it at 1. */
  readonly adaptation?: AdaptationConfig | null;
  /**
   * Moving average of the generator: half-life in images; ramp-up as a share of the images seen (0 for none); until
   * `startImages` images it equals the generator.
   */
  readonly average: { readonly halfLifeImages: number; readonly rampUp: number; readonly startImages: number };
  /** Mirror real images at random. */
  readonly mirror: boolean;
  /**
   * `float16` for mixed precision on compiling backends whose device has it: products and activations in half precision, weights, norms,
   * losses and the optimiser in float32, the loss scaled. `float32` where left out.
   */
  readonly precision?: Precision;
}

/** What exists together lives together: one record per kind of penalty. */
export type PenaltyConfig =
  | { readonly kind: "r1" /** Coefficient is gamma / 2. */; readonly gamma: number; readonly every: number }
  | { readonly kind: "r2" /** Coefficient is gamma / 2. */; readonly gamma: number; readonly every: number }
  | { readonly kind: "gradient-penalty"; readonly weight: number; readonly target: number; readonly every: number }
  | {
      readonly kind: "diversity" /** Of the places that a discriminator's queries look at. */;
      readonly weight: number;
      readonly every: number;
    };

export type GeneratorPenaltyConfig = {
  readonly kind: "path-length";
  readonly weight: number;
  readonly every: number;
  /** Share of the running mean that a step replaces. */
  readonly decay: number;
  /** The penalty is taken on a batch smaller by this whole factor. */
  readonly batchShrink: number;
};

/** Of the rates, after the warm-up: constant, or from 1 to 0 over so many steps along a line or half a cosine. */
export type ScheduleConfig =
  | { readonly kind: "constant" }
  | { readonly kind: "linear" | "cosine"; readonly steps: number };

export interface LatentConsistencyConfig {
  /** Deviation of the noise that is added to z. */
  readonly noise: number;
  /** Weight by which the generator is to answer to the noise. */
  readonly generator: number;
  /** Weight by which the discriminator is not to. */
  readonly discriminator: number;
}

export interface PixelConfig {
  /** Images mixed of real and generated boxes; null for none. Its weight rises from 0 to 1 over the warm-up. */
  readonly cutMix: { readonly consistency: number; readonly warmupSteps: number } | null;
}

export interface AdaptationConfig {
  /** Wanted mean sign of D at real images. */
  readonly target: number;
  /** Images over which the strength may go from 0 to 1. */
  readonly images: number;
  /** Steps between two adjustments. */
  readonly every: number;
}
