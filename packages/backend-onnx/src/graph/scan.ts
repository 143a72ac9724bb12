import { GraphBuilder } from "./builder.js";
import type { Value } from "./value.js";
import { dependencies, nodesOf } from "./value.js";

/** What one round of a loop computes: the states that the next one starts with, and its part of each stacked result. */
export interface Round {
  readonly states: readonly Value[];
  readonly parts: readonly Value[];
}

/**
 * A loop over the first axis of tensors, as one `Scan`.
 *
 * @param initial states of the first round.
 * @param stacks tensors `[rounds, ...]`; a round sees its `[...]`.
 * @param round builds the body, once. It may read values of the outer graph.
 * @returns the last states, then the parts of all rounds stacked, `[rounds, ...]`.
 */
export function scan(
  b: GraphBuilder,
  initial: readonly Value[],
  stacks: readonly Value[],
  round: (body: GraphBuilder, states: readonly Value[], slices: readonly Value[]) => Round,
): Value[] {
  const body = new GraphBuilder();
  const states = initial.map(({ type, shape }) => body.feed(type, shape));
  const slices = stacks.map(({ type, shape }) => body.feed(type, shape.slice(1)));
  const inputs = [...states, ...slices];
  // Values are numbered in the order in which they are made, those of the body in one go.
  const inside = (value: Value): boolean => value.id >= inputs[0]!.id;
  const made = round(body, states, slices);
  const outputs = [...made.states, ...made.parts];
  const nodes = nodesOf(outputs, inside);
  const captures = new Set(
    nodes.flatMap(dependencies).filter((value) => !inside(value) && value.source.kind !== "constant"),
  );
  const rounds = stacks[0]!.shape[0]!;
  const infos = [...made.states, ...made.parts.map(({ type, shape }) => ({ type, shape: [rounds, ...shape] }))];
  const attributes = { body: { inputs, nodes, outputs, captures: [...captures] }, num_scan_inputs: stacks.length };
  return b.applyMany("Scan", [...initial, ...stacks], infos, attributes);
}
