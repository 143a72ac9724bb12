import { GanymedeError } from "../errors/ganymede-error.js";

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function describe(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value;
}

/** True when the override takes the whole place of the default: after null, and for a record of another kind. */
function replaces(base: unknown, override: unknown): boolean {
  if (base === null || override === null) return true;
  if (!isRecord(base) || !isRecord(override)) return false;
  const [{ kind }, { kind: wanted }] = [base, override];
  return kind !== undefined && wanted !== undefined && kind !== wanted;
}

function merge(base: unknown, override: unknown, path: string, who: string): unknown {
  if (typeof override === "number" && !Number.isFinite(override)) {
    throw new GanymedeError("invalid-config", `${who}: ${path} must be a finite number, got ${override}`);
  }
  if (replaces(base, override)) return override;
  if (Array.isArray(base)) {
    if (!Array.isArray(override)) {
      throw new GanymedeError("invalid-config", `${who}: ${path} must be a list, got ${describe(override)}`);
    }
    return override;
  }
  if (!isRecord(base)) {
    if (typeof override !== typeof base) {
      throw new GanymedeError("invalid-config", `${who}: ${path} must be a ${typeof base}, got ${describe(override)}`);
    }
    return override;
  }
  if (!isRecord(override)) {
    throw new GanymedeError("invalid-config", `${who}: ${path} must be a record, got ${describe(override)}`);
  }
  for (const name of Object.keys(override)) {
    if (!Object.hasOwn(base, name)) {
      const full = path === "" ? name : `${path}.${name}`;
      const known = Object.keys(base).sort().join(", ");
      throw new GanymedeError("invalid-config", `${who}: there is no setting "${full}"; known here: ${known}`);
    }
  }
  const merged = Object.entries(base).map(([name, value]) => [
    name,
    Object.hasOwn(override, name) ? merge(value, override[name], path === "" ? name : `${path}.${name}`, who) : value,
  ]);
  return Object.fromEntries(merged);
}

/**
 * A config with some settings replaced, own properties only. Records merge setting by setting; lists, nulls and records of another `kind` are
 * replaced as a whole. Ranges, and what may stand in place of a null or for another kind, are for `checkSettings` to say.
 *
 * @param who named in errors, as `vitgan`.
 * @throws GanymedeError `invalid-config` for a setting that the defaults do not have, listing those they have, and for a value
 *   of another type.
 */
export function resolveConfig<Config>(
  defaults: Config,
  overrides: Readonly<Record<string, unknown>>,
  who: string,
): Config {
  return merge(defaults, overrides, "", who) as Config;
}
