import type { ModelFamily } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { fail } from "@ganymede/core/testing";

/** What people type or files hold by mistake, for settings of any type. */
const hostile: readonly unknown[] = [
  -1,
  0,
  1.5,
  1e9,
  Number.POSITIVE_INFINITY,
  Number.NaN,
  null,
  true,
  "",
  "x",
  [],
  [null],
  {},
];

type Path = readonly string[];

/** Paths of all settings, records and lists among them. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return [
    ...(path.length === 0 ? [] : [path]),
    ...Object.entries(value).flatMap(([name, inner]) => pathsOf(inner, [...path, name])),
  ];
}

const nested = (path: Path, value: unknown): Record<string, unknown> =>
  path.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as Record<string, unknown>;

/**
 * A wrong value of any setting is refused by `configure` with an error of one sentence; it must never reach the code behind it, where it would
 * be a crash or, worse, another model than was asked for.
 */
export function checkSettingsAreRefused<Config>(family: ModelFamily<Config>, config: Config, who: string): void {
  for (const path of pathsOf(config)) {
    for (const value of hostile) {
      const written = `${path.join(".")} = ${JSON.stringify(value) ?? String(value)}`;
      try {
        family.configure(config, nested(path, value));
        if (typeof value === "number" && !Number.isFinite(value)) {
          fail(who, `configure must refuse numbers that are not finite, but takes ${written}`);
        }
      } catch (error) {
        if (GanymedeError.is(error) && error.code !== "nonconforming") continue;
        if (GanymedeError.is(error)) throw error;
        fail(who, `configure must refuse ${written} with a GanymedeError, but throws ${String(error)}`);
      }
    }
  }
}
