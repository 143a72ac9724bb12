import type { Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";
import type { Observe } from "./observation.js";

/** Inputs of a network besides its main one, in either mode. */
export interface Conditions {
  /** Class of each image, int32 `[B]`; present where the model declares `classes`. */
  readonly labels?: Tensor1D;
  /** Training steps taken, a float32 scalar, for whatever changes over training. Absent when sampling, which counts as fully trained. */
  readonly step?: Scalar;
}

/** What every layer is told in both modes. */
interface Surroundings extends Conditions {
  /** Names and indices of the layers around this one, outermost first: `["blocks", 3, "attention"]`. Empty at the network itself. */
  readonly path: readonly (string | number)[];
  /** Receives attention weights and layer outputs while the network runs, see `Observations`. Absent where nobody listens. */
  readonly observe?: Observe;
}

/** How a layer is applied; `inference` and `training(key)` make one. Training carries a key, so a dropout without one cannot be written. */
export type Context =
  | ({
      readonly mode: "inference";
      /**
       * True if running statistics were gathered for sampling, see `standingStatistics`: a norm that would use the statistics of the
       * images sampled together then uses the running ones.
       */
      readonly standing?: boolean;
    } & Surroundings)
  | ({
      readonly mode: "training";
      readonly key: Key;
      /**
       * Takes the next value of a running statistic, a leaf of the layer's own parameters (batch normalisation's mean), and what this
       * pass alone observed. Such leaves stand in a record named `statistics`: they get no gradient, and the EMA of the network copies
       * them. Absent if a forward pass must leave no trace.
       */
      readonly update?: (statistic: Tensor, next: Tensor, observed: Tensor) => void;
    } & Surroundings);

/** A pure function over a typed parameter tree. Inputs are borrowed; outputs are new tensors. */
export interface Layer<Params extends ParamTree, Input, Output> {
  /** Fresh parameters, a function of the key alone; the caller owns them. */
  init(key: Key): Params;
  apply(params: Params, input: Input, context: Context): Output;
}

/**
 * A layer whose first derivatives are right and whose second do not exist, such as one that recomputes its activations in the backward
 * pass. It cannot stand under a gradient penalty or path-length regularisation, and throws `unsupported` there.
 */
export interface FirstOrderLayer<Params extends ParamTree, Input, Output> extends Layer<Params, Input, Output> {
  readonly differentiable: "once";
}

/** Names a layer's types from its two functions. */
export function defineLayer<Params extends ParamTree, Input, Output>(
  layer: Layer<Params, Input, Output>,
): Layer<Params, Input, Output> {
  return layer;
}

/** The parameters of a layer. */
export type ParamsOf<L> = L extends Layer<infer Params, never, unknown> ? Params : never;

/**
 * A weight reparametrisation as tree-to-tree functions (spectral normalisation, equalised learning rates): layers never hear of it. Its
 * vectors advance once a step, in a function of their own, so that the forward pass stays pure.
 */
export interface WeightTransform<Params extends ParamTree, State extends ParamTree = ParamTree> {
  init(params: Params, key: Key): State;
  apply(params: Params, state: State): Params;
  advance(params: Params, state: State): State;
}
