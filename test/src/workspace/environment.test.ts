import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "./packages.js";

const folders = ["apps", "packages", "test/src", "test/fixtures", "bench/src", "scripts"];

/** Every source file of the workspace, tests included. */
const sources = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.(ts|mts|js|mjs)$/.test(path) && !/(^|[\\/])(node_modules|dist)[\\/]/.test(path))
    .map((path) => join(folder, path)),
);

/** The environment's variables that a source reads. */
function variablesIn(text: string): readonly string[] {
  const environment = String.raw`(?:process\.env|(?:\w+\.)*environment)`;
  const members = [...text.matchAll(new RegExp(String.raw`\b${environment}\.([A-Z]\w*|npm_\w+)\b`, "g"))];
  const records = [...text.matchAll(new RegExp(String.raw`\{([^{}]*)\}(?::[^={]*)? = ${environment}\b`, "g"))];
  const ours = [...text.matchAll(/\b(GANYMEDE_[A-Z][A-Z_]*)\b/g)];
  const named = records.flatMap(([, names]) => [...names!.matchAll(/(?:^|,)\s*([A-Z]\w*|npm_\w+)/g)]);
  return [...members, ...named, ...ours].map(([, name]) => name!);
}

/** Ways to the environment that `variablesIn` does not see through. */
const hidden = /\bprocess\.env\[|\benv\b[^=;]*\} = process\b|\benv\b[^;]*from "(?:node:)?process"|process\["env"\]/;

describe("variablesIn", () => {
  it.each<[string, readonly string[]]>([
    ["const a = process.env.GANYMEDE_X ?? b;", ["GANYMEDE_X", "GANYMEDE_X"]],
    ["context.environment.CI", ["CI"]],
    ["const { HOME: home = a, npm_execpath } = process.env;", ["HOME", "npm_execpath"]],
    ["const { TERM }: Record<string, string> = options.environment;", ["TERM"]],
    ["error('set $GANYMEDE_HINT')", ["GANYMEDE_HINT"]],
    ['import { x } from "./environment.js"; environment.load(y)', []],
  ])("%j: %j", (text, names) => {
    expect(variablesIn(text)).toEqual(names);
  });

  it.each(['process.env["A"]', "const { env } = process;", 'import { env } from "node:process";'])(
    "%s hides the name",
    (text) => {
      expect(text).toMatch(hidden);
    },
  );
});

describe("docs/environment.md", () => {
  const rows = readFileSync(join(root, "docs", "environment.md"), "utf8").match(/^\| `.*$/gm) ?? [];
  const documented = rows.flatMap((row) => [...row.split("|")[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));
  const own = join("test", "src", "workspace", "environment.test.ts");
  const texts = sources
    .filter((path) => path !== own)
    .map((path) => [path, readFileSync(join(root, path), "utf8")] as const);
  const read = new Map(texts.flatMap(([path, text]) => variablesIn(text).map((name) => [name, path] as const)));

  it("has every variable that the code reads, and no other", () => {
    expect([...read].filter(([name]) => !documented.includes(name))).toEqual([]);
    expect(documented.filter((name) => !read.has(name))).toEqual([]);
    expect(read.size).toBeGreaterThan(10);
  });

  it("gives each a meaning and a default, once", () => {
    expect(new Set(documented).size).toBe(documented.length);
    for (const row of rows)
      expect(row.split("|").map((cell) => cell.trim().length > 0)).toEqual([false, true, true, true, false]);
  });

  it("can be compared: no source reads a variable whose name it hides", () => {
    expect(texts.filter(([, text]) => hidden.test(text)).map(([path]) => path)).toEqual([]);
  });
});
