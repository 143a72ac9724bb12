import type { ParamTree } from "@ganymede/core";
import type { Scalar } from "@tensorflow/tfjs-core";

/** A step size, constant or from a schedule. */
export type Rate = number | Scalar;

/** Two pure functions: a state for a tree of parameters, and the parameters and state after one step. */
export interface Optimizer<State extends ParamTree = ParamTree> {
  readonly id: string;
  readonly source: string;
  init(params: ParamTree): State;
  /** @param rate the step size. */
  update<Tree extends ParamTree>(
    grads: Tree,
    state: State,
    params: Tree,
    rate: Rate,
  ): { readonly params: Tree; readonly state: State };
}
