/** The start of a text that somebody else chose, such as a name in a file: an error stays one sentence. */
export function shorten(text: string, most = 80): string {
  return text.length > most ? `${text.slice(0, most)}...` : text;
}
