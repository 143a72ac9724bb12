export interface ImportOf {
  /** What is imported: `./x.js`, `@ganymede/core`, `node:fs`. */
  readonly specifier: string;
  /** True where only types are, which leave nothing behind when compiled. */
  readonly typeOnly: boolean;
}

const statement = /^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
const dynamic = /\bimport\("([^"]+)"\)/g;

/** The imports and re-exports of a TypeScript file that is formatted as all of ours are. */
export function importsOf(text: string): ImportOf[] {
  const found = [...text.matchAll(statement)].map(([, type, specifier]) => ({
    specifier: specifier!,
    typeOnly: type !== undefined,
  }));
  return [
    ...found,
    ...[...text.matchAll(dynamic)].map(([, specifier]) => ({ specifier: specifier!, typeOnly: false })),
  ];
}

/** The package that a specifier names, with its scope, or null for relative ones and for Node's own modules. */
export function packageName(specifier: string): string | null {
  if (/^(\.|#|node:)/.test(specifier)) return null;
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}
