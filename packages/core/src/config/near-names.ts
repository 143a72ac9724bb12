/** Edit distance of two words: insertions, deletions, substitutions, and transpositions of neighbours (Damerau 1964). */
function editDistance(a: string, b: string): number {
  let earlier: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (previous[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = swaps ? (earlier[j - 2] as number) + 1 : replaced;
      current.push(Math.min(replaced, swapped, (previous[j] as number) + 1, (current[j - 1] as number) + 1));
    }
    [earlier, previous] = [previous, current];
  }
  return previous[b.length] as number;
}

/** Longer names are not typing errors, and are slow to compare. */
const longestName = 100;

/** Known names that a mistyped name may stand for, most likely first: within a few edits, or one containing the other. */
export function nearNames(name: string, known: readonly string[]): readonly string[] {
  if (name.length > longestName) return [];
  const wanted = name.toLowerCase();
  return (
    known
      .map((candidate) => {
        const other = candidate.toLowerCase();
        const contains = wanted !== "" && (other.includes(wanted) || wanted.includes(other));
        return { candidate, distance: editDistance(wanted, other), contains };
      })
      // In a word of three letters, two edits make another word.
      .filter(
        ({ distance, contains }) => contains || distance <= Math.max(wanted.length < 4 ? 1 : 2, wanted.length / 3),
      )
      .sort((a, b) => a.distance - b.distance)
      .slice(0, 3)
      .map(({ candidate }) => candidate)
  );
}

/** `did you mean "x"?`, or the list of all names if none is similar. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearNames(name, known);
  if (near.length > 0) return `did you mean ${near.map((candidate) => `"${candidate}"`).join(" or ")}?`;
  return `known: ${[...known].sort().join(", ") || "none"}`;
}
