import type { ParamTree } from "@ganymede/core";
import { disposeExcept } from "@ganymede/core";
import type { Report, StepResult } from "./train-state.js";

/**
 * Runs one step and takes over the state: the old one is freed once the new one exists, and stays whole when the step fails.
 *
 * @param run gives the next state and a report, as a compiled `step` does; the caller owns both.
 */
export async function advance<State extends ParamTree>(
  state: State,
  run: (state: State) => Promise<StepResult<State>>,
): Promise<{ readonly state: State; readonly report: Report }> {
  const result = await run(state);
  disposeExcept(state, result.state);
  return result;
}
