import type { Penalty } from "../../contracts/penalty.js";

const separator = "+";

/**
 * Which penalties apply at a step, as a plain value: a compiled step has one trace per such value. A penalty applies at step 0 and
 * every `every` steps; its value is multiplied by `every`, in the same optimiser step, so Adam's rates need no correction.
 */
export function penaltyPhase(penalties: readonly Penalty[], step: number): string {
  const due = penalties.filter((penalty) => step % penalty.every === 0).map((penalty) => penalty.id);
  return due.join(separator);
}

/** The penalties of a phase. */
export function penaltiesIn(penalties: readonly Penalty[], phase: string): readonly Penalty[] {
  const due = phase.split(separator);
  return penalties.filter((penalty) => due.includes(penalty.id));
}
