/** The first `most` names and the number of the others, so that an error stays one sentence. */
export function firstFew(names: readonly string[], most: number): string {
  const first = names.slice(0, most).join(", ");
  return names.length > most ? `${first} and ${names.length - most} more` : first;
}
