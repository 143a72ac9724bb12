/** How a model is trained: data, written to the run folder before the first step. */
export interface TrainingConfig {
  /** Images per step. */
  readonly batch: number;
  /** Adam's step sizes; the same for both networks unless two time scales are wanted (TTUR). */
  readonly learningRate: { readonly generator: number; readonly discriminator: number };
  /** Linear warm-up of both rates, in steps; 0 for none. */
  readonly warmupSteps: number;
  /** Adam's decay rates of the two moments. */
  readonly betas: readonly [number, number];
  /** Id of an adversarial loss, as `non-saturating`. */
  readonly loss: string;
  readonly penalties: readonly PenaltyConfig[];
  /** Balanced consistency regularisation (bCR), weights of its two terms; null for none. */
  readonly consistency: { readonly real: number; readonly fake: number } | null;
  /** Id of an augmentation of every image that the discriminator sees, as `diffaugment`; null for none. */
  readonly augmentation: string | null;
  /**
   * Moving average of the generator: half-life in images; ramp-up as a share of the images seen (0 for none); until
   * `startImages` images it equals the generator.
   */
  readonly average: { readonly halfLifeImages: number; readonly rampUp: number; readonly startImages: number };
  /** Mirror real images at random. */
  readonly mirror: boolean;
}

/** What exists together lives together: one record per kind of penalty. */
export type PenaltyConfig =
  | { readonly kind: "r1" /** Coefficient is gamma / 2. */; readonly gamma: number; readonly every: number }
  | { readonly kind: "gradient-penalty"; readonly weight: number; readonly target: number; readonly every: number };
