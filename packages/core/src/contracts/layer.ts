import type { Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";

/** What a network may look at besides its input, in either mode. */
export interface Conditions {
  /** Class of each image, int32 `[B]`; there where the model declares `classes`. */
  readonly labels?: Tensor1D;
  /** Training steps taken, a float32 scalar: for what changes over training. Absent when sampling, which is then fully trained. */
  readonly step?: Scalar;
}

/** How a layer is applied. Training carries a key, so a dropout without one cannot be written. */
export type Context =
  | ({
      readonly mode: "inference";
      /**
       * True where running statistics were gathered for sampling, as by `standingStatistics`: a norm that would take the statistics of
       * the images drawn together takes the running ones then.
       */
      readonly standing?: boolean;
    } & Conditions)
  | ({
      readonly mode: "training";
      readonly key: Key;
      /**
       * Takes the next value of a running statistic, a leaf of the layer's own parameters (batch normalisation's mean), and what this
       * pass alone observed. Such leaves stand in a record named `statistics`: they get no gradient, and averages of the network copy
       * them. Absent where a forward pass is not to be remembered.
       */
      readonly update?: (statistic: Tensor, next: Tensor, observed: Tensor) => void;
    } & Conditions);

/** A pure function over a typed parameter tree. Inputs are borrowed; outputs are new tensors. */
export interface Layer<Params extends ParamTree, Input, Output> {
  /** Fresh parameters, a function of the key alone; the caller owns them. */
  init(key: Key): Params;
  apply(params: Params, input: Input, context?: Context): Output;
}

/**
 * A layer whose first derivatives are right and whose second do not exist, as one that computes its activations again in the backward
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
 * A weight trick as tree-to-tree functions (spectral normalisation, equalised rates): layers never hear of it. Its vectors
 * advance once a step, in a function of their own, so that the forward pass stays pure.
 */
export interface WeightTransform<Params extends ParamTree, State extends ParamTree = ParamTree> {
  init(params: Params, key: Key): State;
  apply(params: Params, state: State): Params;
  advance(params: Params, state: State): State;
}
