/** The first `most` of the names, and how many more there are: an error stays one sentence. */
export function firstFew(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(", ");
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
