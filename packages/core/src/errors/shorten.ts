/** The start of an external text, such as a name in a file, so that an error stays one sentence. */
export function shorten(text: string, most = 80): string {
  return text.length > most ? `${text.slice(0, most)}...` : text;
}
