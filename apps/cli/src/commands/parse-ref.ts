import type { Ref } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";

const isRef = (value: unknown): value is Ref =>
  (typeof value === "string" && value !== "") ||
  (typeof value === "object" && value !== null && "id" in value && typeof value.id === "string");

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The caller reports it.
  }
}

/**
 * Parses a component option: an id, or a JSON record with settings.
 *
 * @throws GanymedeError `invalid-argument` for text that starts like a record but is not one with an id.
 */
export function parseRef(text: string, option: string, example = '{"id":"tensorboard","histograms":true}'): Ref {
  if (!text.startsWith("{")) return text;
  const ref = parseJson(text);
  if (isRef(ref)) return ref;
  throw new GanymedeError("invalid-argument", `${option}: it must be an id, or JSON such as ${example}, got ${text}`);
}

/**
 * Parses `--metric`: comma-separated ids, a JSON record, or a JSON list of both.
 *
 * @throws GanymedeError `invalid-argument` for text that starts like a record or list but is not a valid one.
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
