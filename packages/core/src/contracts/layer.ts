import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";

/** How a layer is applied. Training carries a key, so a dropout without one cannot be written. */
export type Context = { readonly mode: "inference" } | { readonly mode: "training"; readonly key: Key };

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
