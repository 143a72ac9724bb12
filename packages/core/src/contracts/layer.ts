import type { Scalar, Tensor, Tensor1D } from "@tensorflow/tfjs-core";
import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";
import type { Observe } from "./observation.js";

/** Conditioning inputs of a network, in both modes. */
export interface Conditions {
  /** Class of each image, int32 `[B]`; present if the model declares `classes`. */
  readonly labels?: Tensor1D;
  /** Training steps taken, a float32 scalar, for anything scheduled over training. Absent when sampling, which counts as fully trained. */
  readonly step?: Scalar;
}

/** Context of every layer in both modes. */
interface Surroundings extends Conditions {
  /** Names and indices of the enclosing layers, outermost first: `["blocks", 3, "attention"]`. Empty for the network itself. */
  readonly path: readonly (string | number)[];
  /** Receives attention weights and layer outputs while the network runs, see `Observations`. Absent without an observer. */
  readonly observe?: Observe;
}

/** How a layer is applied; created by `inference` and `training(key)`. Training requires a key, so dropout always has one. */
export type Context =
  | ({
      readonly mode: "inference";
      /**
       * True if running statistics were gathered for sampling, see `standingStatistics`: norms that would use batch statistics when
       * sampling then use the running ones.
       */
      readonly standing?: boolean;
    } & Surroundings)
  | ({
      readonly mode: "training";
      readonly key: Key;
      /**
       * Receives the next value of a running statistic, a leaf of the layer's own parameters (such as the mean of batch normalisation), and
       * the value observed in this pass. Such leaves are in a record named `statistics`: they get no gradient, and the EMA of the network
       * copies them. Absent if a forward pass must not update statistics.
       */
      readonly update?: (statistic: Tensor, next: Tensor, observed: Tensor) => void;
    } & Surroundings);

/** A pure function over a typed parameter tree. Inputs are borrowed; outputs are new tensors. */
export interface Layer<Params extends ParamTree, Input, Output> {
  /** Initial parameters, a function of the key alone; the caller owns them. */
  init(key: Key): Params;
  apply(params: Params, input: Input, context: Context): Output;
}

/**
 * A layer with correct first derivatives but no second ones, such as one that recomputes its activations in the backward pass. Under a
 * gradient penalty or path length regularisation it throws `unsupported`.
 */
export interface FirstOrderLayer<Params extends ParamTree, Input, Output> extends Layer<Params, Input, Output> {
  readonly differentiable: "once";
}

/** Infers a layer's types from its two functions. */
export function defineLayer<Params extends ParamTree, Input, Output>(
  layer: Layer<Params, Input, Output>,
): Layer<Params, Input, Output> {
  return layer;
}

/** The parameters of a layer. */
export type ParamsOf<L> = L extends Layer<infer Params, never, unknown> ? Params : never;

/**
 * A weight reparametrisation as tree-to-tree functions (spectral normalisation, equalised learning rate), separate from the layers. Its
 * vectors advance once per step, in a function of their own, so that the forward pass stays pure.
 */
export interface WeightTransform<Params extends ParamTree, State extends ParamTree = ParamTree> {
  init(params: Params, key: Key): State;
  apply(params: Params, state: State): Params;
  advance(params: Params, state: State): State;
}
