/** Something that applies at some steps only. */
interface Periodic {
  readonly id: string;
  readonly every: number;
}

const separator = "+";

/**
 * Which penalties apply at a step, as a plain value: a compiled step has one trace per such value. A penalty applies at step 0 and
 * every `every` steps; its value is multiplied by `every`, in the same optimiser step, so Adam's rates need no correction.
 */
export function penaltyPhase(penalties: readonly Periodic[], step: number): string {
  const due = penalties.filter((penalty) => step % penalty.every === 0).map((penalty) => penalty.id);
  return due.join(separator);
}

/** The penalties of a phase. */
export function penaltiesIn<Penalty extends Periodic>(
  penalties: readonly Penalty[],
  phase: string,
): readonly Penalty[] {
  const due = phase.split(separator);
  return penalties.filter((penalty) => due.includes(penalty.id));
}
