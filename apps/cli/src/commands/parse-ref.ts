import type { Ref } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";

const isRef = (value: unknown): value is Ref =>
  (typeof value === "string" && value !== "") ||
  (typeof value === "object" && value !== null && "id" in value && typeof value.id === "string");

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Said by whoever asked.
  }
}

/**
 * A component as an option names it: its id, or a record with settings as JSON.
 *
 * @throws GanymedeError `invalid-argument` for a text that begins a record and is none with an id.
 */
export function parseRef(text: string, option: string, example = '{"id":"tensorboard","histograms":true}'): Ref {
  if (!text.startsWith("{")) return text;
  const ref = parseJson(text);
  if (isRef(ref)) return ref;
  throw new GanymedeError("invalid-argument", `${option}: it must be an id, or JSON such as ${example}, got ${text}`);
}

/**
 * Metrics as `--metric` names them: ids with commas between them, a record, or a list of both as JSON.
 *
 * @throws GanymedeError `invalid-argument` for a text that begins a record or list and is none of these.
 */
export function parseMetrics(text: string): readonly Ref[] {
  const example = '{"id":"fid","dims":768} or ["swd",{"id":"kid","subsets":10}]';
  if (!text.startsWith("[")) {
    return text.startsWith("{") ? [parseRef(text, "--metric", example)] : text.split(",").map((id) => id.trim());
  }
  const refs = parseJson(text);
  if (Array.isArray(refs) && refs.every(isRef)) return refs;
  throw new GanymedeError("invalid-argument", `--metric: it must be ids, or JSON such as ${example}, got ${text}`);
}
