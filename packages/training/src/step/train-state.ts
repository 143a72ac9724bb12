import type { ParamTree } from "@ganymede/core";
import type * as tf from "@tensorflow/tfjs-core";

/** State of terms, by id. */
export type Memories = { readonly [id: string]: ParamTree };

/** State of a run between steps; the content of a checkpoint. */
export type TrainState<Generator extends ParamTree = ParamTree, Discriminator extends ParamTree = ParamTree> = {
  /** Steps taken, a float32 scalar (exact up to 16 million). */
  readonly step: tf.Scalar;
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  /** EMA of the generator, which samples are drawn from. */
  readonly average: Generator;
  readonly generatorOptimizer: ParamTree;
  readonly discriminatorOptimizer: ParamTree;
  /** Vectors of the weight transforms (u, v of spectral norm); empty if the model has none. */
  readonly generatorWeightState: ParamTree;
  readonly discriminatorWeightState: ParamTree;
  readonly generatorTerms: Memories;
  readonly discriminatorTerms: Memories;
  /** State of an augmentation's controller; empty without one. */
  readonly augmentation: ParamTree;
  /** Loss scales in mixed precision; empty without it. */
  readonly generatorScale: ParamTree;
  readonly discriminatorScale: ParamTree;
};

/** One of the two networks of a model. */
export type NetworkName = "generator" | "discriminator";

/** Scalars of one step, by name. */
export type Report = Readonly<Record<string, tf.Scalar>>;

/** The state after a step, and the scalars that it reports. */
export type StepResult<State> = { readonly state: State; readonly report: Report };
