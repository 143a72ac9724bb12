import type { Precision } from "../compile/compile.js";
import type { Ref } from "../component/component.js";
import type { Scheduled } from "./schedule.js";

/** How a model is trained: data, written to the run folder before the first step. What has a default may be left out. */
export interface TrainingConfig {
  /** Real images of one part of one update of the discriminator. */
  readonly batch: number;
  /** Generated images of one part of an update of the generator. Default: null, as many as `batch`. */
  readonly generatorBatch?: number | null;
  /** Parts whose gradients are averaged for one update: large batches in little memory. Default: 1. */
  readonly accumulation?: number;
  /** Updates of the discriminator in a step, each on images of its own, before the one of the generator. Default: 1. */
  readonly discriminatorSteps?: number;
  /** One optimizer per network, with its step size, which may be a schedule. */
  readonly optimizer: { readonly generator: Ref; readonly discriminator: Ref };
  /** Largest global norm of a network's gradients. Default: null, no limit. */
  readonly clipNorm?: number | null;
  /** An adversarial loss, such as `non-saturating`. */
  readonly loss: Ref;
  /** Further terms of the discriminator's objective, such as `{ id: "r1", gamma: 1, every: 16 }`. Default: none. */
  readonly discriminatorTerms?: readonly Ref[];
  /** Further terms of the generator's objective. Default: none. */
  readonly generatorTerms?: readonly Ref[];
  /** Of every image that the discriminator sees. Default: null, none. */
  readonly augmentation?: Ref | null;
  /** Moving average of the generator. */
  readonly ema: EmaConfig;
  /** Mirror real images at random. Default: false. */
  readonly mirror?: boolean;
  /** Where generated images have their classes from: drawn uniformly, or those of the real images beside them. Default: `uniform`. */
  readonly fakeLabels?: "uniform" | "real";
  /** Real images that the generator's update reads: those of the last discriminator update, or a batch of its own. Default: `shared`. */
  readonly generatorReal?: "shared" | "own";
  /**
   * `float16` for mixed precision on compiling backends whose device has it: products and activations in half precision, weights, norms,
   * losses and the optimizer in float32, the loss scaled. Default: `float32`.
   */
  readonly precision?: Precision;
}

/** Moving average of the generator's parameters. */
export interface EmaConfig {
  /** Images after which an old value's weight has halved. */
  readonly halfLifeImages: Scheduled;
  /** Caps the half-life at this share of the images seen; 0 for no cap. */
  readonly rampUp: number;
  /** Until so many images the average equals the generator. */
  readonly startImages: number;
}
