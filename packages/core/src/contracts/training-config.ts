import type { Precision } from "../compile/compile.js";
import type { Ref } from "../component/component.js";
import type { Scheduled } from "./schedule.js";

/** Training of a model as plain data, written to the run folder before the first step. Settings with a default are optional. */
export interface TrainingConfig {
  /** Real images per part of a discriminator update. */
  readonly batch: number;
  /** Generated images per part of a generator update. Default: null, equal to `batch`. */
  readonly generatorBatch?: number | null;
  /** Gradient accumulation: number of parts whose gradients are averaged per update, for large batches in little memory. Default: 1. */
  readonly accumulation?: number;
  /** Discriminator updates per step, each on its own images, before the generator update. Default: 1. */
  readonly discriminatorSteps?: number;
  /** One optimizer per network, with its learning rate, which may be a schedule. */
  readonly optimizer: { readonly generator: Ref; readonly discriminator: Ref };
  /** Largest global norm of a network's gradients. Default: null, no clipping. */
  readonly clipNorm?: number | null;
  /** An adversarial loss, such as `non-saturating`. */
  readonly loss: Ref;
  /** Further terms of the discriminator's objective, such as `{ id: "r1", gamma: 1, every: 16 }`. Default: none. */
  readonly discriminatorTerms?: readonly Ref[];
  /** Further terms of the generator's objective. Default: none. */
  readonly generatorTerms?: readonly Ref[];
  /** Augmentation of every image that the discriminator sees. Default: null, none. */
  readonly augmentation?: Ref | null;
  /** EMA of the generator. */
  readonly ema: EmaConfig;
  /** Random horizontal flips of real images. Default: false. */
  readonly mirror?: boolean;
  /** Classes of generated images: drawn uniformly, or those of the real images in the batch. Default: `uniform`. */
  readonly fakeLabels?: "uniform" | "real";
  /** Real images of the generator's update: those of the last discriminator update, or its own batch. Default: `shared`. */
  readonly generatorReal?: "shared" | "own";
  /**
   * `bfloat16` or `float16` for mixed precision on compiling backends whose device has it: products and activations in 16 bits; weights,
   * norms, losses and the optimizer in float32. `bfloat16` has the range of float32; with `float16` the loss is scaled. Default: `float32`.
   */
  readonly precision?: Precision;
}

/** Exponential moving average of the generator's parameters. */
export interface EmaConfig {
  /** Images after which an old value's weight has halved. */
  readonly halfLifeImages: Scheduled;
  /** Caps the half-life at this fraction of the images seen; 0 for no cap. */
  readonly rampUp: number;
  /** Until this many images the average equals the generator. */
  readonly startImages: number;
}
