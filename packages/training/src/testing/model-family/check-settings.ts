import type { ModelFamily } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { fail } from "@ganymede/core/testing";

/** Values that people type or files contain by mistake, for settings of any type. */
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

/** Paths of all settings, including records and lists. */
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
 * Checks that `configure` rejects a wrong value of any setting with an error of one sentence; otherwise it would reach the code behind it and
 * crash or, worse, give a different model.
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
