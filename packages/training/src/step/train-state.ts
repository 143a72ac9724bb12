import type { ParamTree } from "@ganymede/core";
import type * as tf from "@tensorflow/tfjs-core";

/** What terms remember, by their ids. */
export type Memories = { readonly [id: string]: ParamTree };

/** Everything that a run carries from step to step; what a checkpoint holds. */
export type TrainState<Generator extends ParamTree = ParamTree, Discriminator extends ParamTree = ParamTree> = {
  /** Steps taken, a float32 scalar (exact to 16 million). */
  readonly step: tf.Scalar;
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  /** Moving average of the generator: what samples are drawn from. */
  readonly average: Generator;
  readonly generatorOptimizer: ParamTree;
  readonly discriminatorOptimizer: ParamTree;
  /** Vectors of the weight transforms; empty where the model has none. */
  readonly generatorVectors: ParamTree;
  readonly discriminatorVectors: ParamTree;
  readonly generatorTerms: Memories;
  readonly discriminatorTerms: Memories;
  /** Of the controller of an augmentation; empty without one. */
  readonly augmentation: ParamTree;
  /** Scales of the losses in mixed precision; empty without it. */
  readonly generatorScale: ParamTree;
  readonly discriminatorScale: ParamTree;
};

export type NetworkName = "generator" | "discriminator";

/** Scalars of one step, by name. */
export type Report = Readonly<Record<string, tf.Scalar>>;

export type StepResult<State> = { readonly state: State; readonly report: Report };
