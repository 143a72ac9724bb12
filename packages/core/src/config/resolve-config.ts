import { GanymedeError } from "../errors/ganymede-error.js";
import { suggestion } from "./near-names.js";

type Data = Readonly<Record<string, unknown>>;

/** Exceptions to the types of the defaults. */
export interface ResolveOptions {
  /** Whether a reference to a schedule may replace a number; a schema must then check where. Default: false. */
  readonly schedules?: boolean;
  /** Whether settings may be given below a string, which is then the id of a component; a schema must check where. Default: false. */
  readonly names?: boolean;
}

function isRecord(value: unknown): value is Data {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A reference to a component with its settings, see `Ref`. */
const isReference = (value: unknown): value is Data & { readonly id: string } =>
  isRecord(value) && typeof value.id === "string";

function describe(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : typeof value;
}

/** True if the override replaces the default as a whole: after null, and for a record of another kind. */
function replaces(base: unknown, override: unknown): boolean {
  if (base === null || override === null) return true;
  if (!isRecord(base) || !isRecord(override)) return false;
  const [{ kind }, { kind: wanted }] = [base, override];
  return kind !== undefined && wanted !== undefined && kind !== wanted;
}

/** Merges overrides into defaults; errors start with `who`. */
class Merge {
  constructor(
    private readonly who: string,
    private readonly options: ResolveOptions,
  ) {}

  private refuse(path: string, must: string, value: unknown): never {
    throw new GanymedeError("invalid-config", `${this.who}: ${path} must be ${must}, got ${describe(value)}`);
  }

  value(base: unknown, override: unknown, path: string): unknown {
    if (typeof override === "number" && !Number.isFinite(override)) {
      throw new GanymedeError("invalid-config", `${this.who}: ${path} must be a finite number, got ${override}`);
    }
    if (replaces(base, override)) return override;
    if (isReference(base)) return this.reference(base, override, path);
    if (typeof base === "string" && isRecord(override) && this.options.names === true) {
      return this.reference({ id: base }, override, path);
    }
    if (Array.isArray(base)) return this.list(base, override, path);
    if (isRecord(base)) return this.record(base, override, path);
    if (typeof base === "number" && this.options.schedules === true && isReference(override)) return override;
    if (typeof override !== typeof base) this.refuse(path, `a ${typeof base}`, override);
    return override;
  }

  private record(base: Data, override: unknown, path: string): unknown {
    if (!isRecord(override)) return this.refuse(path, "a record", override);
    const below = (name: string) => (path === "" ? name : `${path}.${name}`);
    for (const name of Object.keys(override)) {
      if (Object.hasOwn(base, name)) continue;
      throw new GanymedeError(
        "invalid-config",
        `${this.who}: there is no setting "${below(name)}"; ${suggestion(name, Object.keys(base))}`,
      );
    }
    const merged = Object.entries(base).map(([name, value]) => [
      name,
      Object.hasOwn(override, name) ? this.value(value, override[name], below(name)) : value,
    ]);
    return Object.fromEntries(merged);
  }

  /** Settings that a reference omits keep the component's defaults, and the component checks them all; another id starts from its own defaults. */
  private reference(base: Data & { readonly id: string }, override: unknown, path: string): unknown {
    if (typeof override === "string") return override === base.id ? base : { id: override };
    if (typeof override === "number" && this.options.schedules === true) return override;
    if (!isRecord(override)) return this.refuse(path, "the name of a component or a record of its settings", override);
    if (override.id !== undefined && override.id !== base.id) return { ...override };
    const merged: Record<string, unknown> = { ...base };
    for (const [name, value] of Object.entries(override)) {
      const before = Object.hasOwn(base, name) ? base[name] : undefined;
      const typed = isRecord(before) || Array.isArray(before);
      merged[name] = typed ? this.value(before, value, `${path}.${name}`) : this.value(null, value, `${path}.${name}`);
    }
    return merged;
  }

  /** Replaces a list as a whole, or its entries by position; entries that are references also by id: null removes one, a new id adds one. */
  private list(base: readonly unknown[], override: unknown, path: string): unknown {
    if (Array.isArray(override)) return override;
    if (!isRecord(override)) return this.refuse(path, "a list", override);
    const references = base.every(isReference);
    let entries: readonly unknown[] = base;
    for (const [name, value] of Object.entries(override)) {
      const at = references ? base.findIndex((entry) => (entry as { id: string }).id === name) : -1;
      const index = at < 0 && /^\d+$/.test(name) ? Number(name) : at;
      if (index >= base.length || (index < 0 && !references)) {
        const places = base.length === 0 ? "the list is empty" : `its positions are 0 to ${base.length - 1}`;
        throw new GanymedeError("invalid-config", `${this.who}: ${path} has no entry "${name}"; ${places}`);
      }
      if (index >= 0) {
        const merged = value === null && references ? null : this.value(base[index], value, `${path}.${name}`);
        entries = entries.map((entry, i) => (i === index ? merged : entry));
      } else if (isRecord(value)) {
        entries = [...entries, { id: name, ...value }];
      } else {
        const known = base.map((entry) => (entry as { id: string }).id);
        const hint = value === null ? suggestion(name, known) : `write ${path}.${name}.setting=value to add it`;
        throw new GanymedeError("invalid-config", `${this.who}: ${path} has no entry "${name}"; ${hint}`);
      }
    }
    return references ? entries.filter((entry) => entry !== null) : entries;
  }
}

/**
 * A config with some settings overridden, own properties only. Records are merged setting by setting; nulls and records of another `kind`
 * are replaced as a whole. A reference to a component (a record with an `id`) accepts settings that it omitted, and is replaced by one
 * with another id or by a name; with the option `names`, so is a plain name. A list is replaced by a list; a record addresses its entries
 * by position, or by id if they are references. Ranges, and what may replace null or another kind, are checked by `checkSettings`.
 *
 * @param who start of the error sentences, such as `vitgan`.
 * @throws GanymedeError `invalid-config` for an unknown setting, with the known ones, and for a value of another type.
 */
export function resolveConfig<Config>(
  defaults: Config,
  overrides: Readonly<Record<string, unknown>>,
  who: string,
  options: ResolveOptions = {},
): Config {
  return new Merge(who, options).value(defaults, overrides, "") as Config;
}
