import type { AnyComponent } from "../component/component.js";
import type { ParamTree } from "../tree/param-tree.js";
import type { Progress, ScheduleInputs } from "./schedule.js";

/** Two pure functions: the initial state for a tree of parameters, and the parameters and state after one update. */
export interface Optimizer<State extends ParamTree = ParamTree> {
  init(params: ParamTree): State;
  /** @param progress training progress, for scheduled learning rates and decay rates. */
  update<Tree extends ParamTree>(
    grads: Tree,
    state: State,
    params: Tree,
    progress: Progress,
  ): { readonly params: Tree; readonly state: State };
}

/** An optimizer as a plugin provides it. */
export interface OptimizerComponent extends AnyComponent {
  create(settings: never, inputs: ScheduleInputs): Optimizer;
}
