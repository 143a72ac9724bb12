import type { Ref } from "../component/component.js";
import type { Scheduled } from "../contracts/schedule.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { suggestion } from "./near-names.js";

/**
 * Schema of one setting: checks a value from a file or the command line, and determines the type of the checked value, see
 * `SettingsOf`.
 */
export interface Setting<Value> {
  /** End of the sentence "x must be ...": `a whole number from 1 up`. */
  readonly must: string;
  /** Returns the value with its type, or throws through `at`, which knows the path. */
  check(value: unknown, at: Place): Value;
}

/** Type of the values of a setting. */
export type SettingsOf<S> = S extends Setting<infer Value> ? Value : never;

/** Position in a configuration during a check. */
export interface Place {
  below(name: string | number): Place;
  /** Throws an error sentence about this position. */
  fail(rule: string): never;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Formats a value for errors. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isRecord(value)) return "a record";
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

function setting<Value>(must: string, holds: (value: unknown) => boolean): Setting<Value> {
  return {
    must,
    check: (value, at) => (holds(value) ? (value as Value) : at.fail(`must be ${must}, got ${shown(value)}`)),
  };
}

/** An integer from `least` (default: 1) to `most`. */
export function whole(least = 1, most = Number.MAX_SAFE_INTEGER): Setting<number> {
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least} up` : `from ${least} to ${most}`;
  return setting(
    `a whole number ${range}`,
    (value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
  );
}

/** Bounds of a range of numbers: `least` and `most` are inclusive, `above` and `below` exclusive. A missing bound is unbounded. */
export interface RealRange {
  readonly least?: number;
  readonly most?: number;
  readonly above?: number;
  readonly below?: number;
}

/** A finite number in a range; `above` and `below` are exclusive. */
export function real({ least, most, above, below }: RealRange = {}): Setting<number> {
  const low = least === undefined ? (above === undefined ? "" : ` above ${above}`) : ` from ${least}`;
  const high = most === undefined ? (below === undefined ? "" : ` below ${below}`) : ` ${most}`;
  const between =
    least !== undefined && high === "" ? " up" : high === "" || low === "" ? "" : least === undefined ? " and" : " to";
  return setting(
    `a number${low}${between}${high}`,
    (value) =>
      typeof value === "number" &&
      Number.isFinite(value) &&
      (least === undefined || value >= least) &&
      (most === undefined || value <= most) &&
      (above === undefined || value > above) &&
      (below === undefined || value < below),
  );
}

/** A boolean. */
export const flag: Setting<boolean> = setting("true or false", (value) => typeof value === "boolean");

/** A non-empty string, such as the id of a component. */
export const text: Setting<string> = setting("a text", (value) => typeof value === "string" && value !== "");

/** One of the given values. */
export function oneOf<const Values extends readonly (string | number)[]>(...values: Values): Setting<Values[number]> {
  return setting(`one of ${values.join(", ")}`, (value) => values.includes(value as never));
}

/** null, or a value of the inner setting. */
export function nullable<Value>(inner: Setting<Value>): Setting<Value | null> {
  const must = `${inner.must}, or null`;
  return {
    must,
    check: (value, at) =>
      value === null
        ? null
        : inner.check(value, {
            ...at,
            fail: (rule) => at.fail(rule.replace(`must be ${inner.must},`, `must be ${must},`)),
          }),
  };
}

/** A list of at least `least` entries (default: 0), or of exactly `length`. */
export function list<Value>(
  entry: Setting<Value>,
  { least = 0, length }: { readonly least?: number; readonly length?: number } = {},
): Setting<readonly Value[]> {
  const size = length === undefined ? (least === 0 ? "" : ` of at least ${least} entries`) : ` of ${length} entries`;
  const must = `a list${size}`;
  return {
    must,
    check(value, at) {
      if (!Array.isArray(value)) return at.fail(`must be ${must}, got ${shown(value)}`);
      if (value.length < least || (length !== undefined && value.length !== length)) {
        return at.fail(`must be ${must}, got ${value.length}`);
      }
      return value.map((item, index) => entry.check(item, at.below(index)));
    },
  };
}

/** The settings of a record, by name. */
export type Fields = Readonly<Record<string, Setting<unknown>>>;

type RecordOf<F extends Fields> = { readonly [Name in keyof F]: SettingsOf<F[Name]> };

/** A record with exactly these settings. */
export function record<F extends Fields>(fields: F): Setting<RecordOf<F>> & { readonly fields: F } {
  const names = Object.keys(fields);
  return {
    must: "a record",
    fields,
    check(value, at) {
      if (!isRecord(value)) return at.fail(`must be a record, got ${shown(value)}`);
      for (const name of Object.keys(value)) {
        if (!Object.hasOwn(fields, name)) at.below(name).fail(`is not a setting; ${suggestion(name, names)}`);
      }
      const checked = names.map((name) => {
        if (!Object.hasOwn(value, name)) at.below(name).fail(`is missing; it must be ${fields[name]?.must}`);
        return [name, (fields[name] as Setting<unknown>).check(value[name], at.below(name))];
      });
      return Object.fromEntries(checked) as RecordOf<F>;
    },
  };
}

/** A reference to a component, which checks its own settings. */
export const reference: Setting<Ref> = setting(
  "the name of a component, or a record of its id and settings",
  (value) => (typeof value === "string" && value !== "") || (isRecord(value) && typeof value.id === "string"),
);

/** A number, or a reference to a schedule, whose values are checked when it is created. */
export function scheduled(range: Setting<number>): Setting<Scheduled> {
  return {
    must: `${range.must}, or a schedule`,
    check: (value, at) => (isRecord(value) ? reference.check(value, at) : range.check(value, at)),
  };
}

type KindsOf<K extends Readonly<Record<string, Fields>>> = {
  [Kind in keyof K & string]: { readonly kind: Kind } & RecordOf<K[Kind]>;
}[keyof K & string];

/** A record whose `kind` determines its other settings. */
export function kinds<K extends Readonly<Record<string, Fields>>>(of: K): Setting<KindsOf<K>> {
  const names = Object.keys(of);
  return {
    must: "a record",
    check(value, at) {
      if (!isRecord(value)) return at.fail(`must be a record, got ${shown(value)}`);
      const { kind } = value;
      if (typeof kind !== "string" || !Object.hasOwn(of, kind)) {
        return at.below("kind").fail(`must be one of ${names.join(", ")}, got ${shown(kind)}`);
      }
      return record({ kind: text, ...of[kind] }).check(value, at) as KindsOf<K>;
    },
  };
}

/**
 * Checks a configuration against its schema.
 *
 * @param who start of the error sentences: the family or part of the configuration.
 * @throws GanymedeError `invalid-config` with the setting, its rule and its value.
 */
export function checkSettings<Value>(schema: Setting<Value>, value: unknown, who: string): Value {
  const place = (path: string): Place => ({
    below: (name) => place(typeof name === "number" ? `${path}[${name}]` : path === "" ? name : `${path}.${name}`),
    fail(rule) {
      throw new GanymedeError("invalid-config", `${who}: ${path === "" ? "the configuration" : path} ${rule}`);
    },
  });
  return schema.check(value, place(""));
}
