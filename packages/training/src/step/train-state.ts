import type { ParamTree } from "@ganymede/core";
import type * as tf from "@tensorflow/tfjs-core";
import type { AdamState } from "../optimizer/adam.js";

/** Everything that a run carries from step to step; what a checkpoint holds. */
export type TrainState<Generator extends ParamTree = ParamTree, Discriminator extends ParamTree = ParamTree> = {
  /** Steps taken, a float32 scalar (exact to 16 million). */
  readonly step: tf.Scalar;
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  /** Moving average of the generator: what samples are drawn from. */
  readonly average: Generator;
  readonly generatorOptimizer: AdamState;
  readonly discriminatorOptimizer: AdamState;
  /** Vectors of the weight transforms; empty where the model has none. */
  readonly generatorVectors: ParamTree;
  readonly discriminatorVectors: ParamTree;
  /** What the generator's penalties remember, by their ids; empty without any. */
  readonly generatorPenalties: { readonly [id: string]: ParamTree };
  /** Of the controller of an adaptive augmentation; empty without one. */
  readonly adaptation: ParamTree;
  /** Scales of the losses in mixed precision; empty without it. */
  readonly generatorScale: ParamTree;
  readonly discriminatorScale: ParamTree;
};

/** Scalars of one step, by name. */
export type Report = Readonly<Record<string, tf.Scalar>>;

export type StepResult<State> = { readonly state: State; readonly report: Report };
