import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { ModelChoice, Override } from "@ganymede/training";
import { overrideModel, parseOverride, resolveModel } from "@ganymede/training";
import { parseRunConfig } from "@ganymede/training/node";

/** One of the models that are compared, as the command line names it. */
export interface Variant {
  /** Also of its folder. */
  readonly name: string;
  /** A preset, or a run's config.json. */
  readonly base: string;
  readonly overrides: readonly Override[];
}

/** Parts between commas that stand in no brackets and no quotes, so that values may be JSON. */
function splitCommas(text: string): readonly string[] {
  const parts = [""];
  let depth = 0;
  let quoted = false;
  for (const [at, letter] of [...text].entries()) {
    if (letter === '"' && text[at - 1] !== "\\") quoted = !quoted;
    if (!quoted && (letter === "[" || letter === "{")) depth++;
    if (!quoted && (letter === "]" || letter === "}")) depth--;
    if (letter === "," && depth === 0 && !quoted) parts.push("");
    else parts.push(`${parts.pop()}${letter}`);
  }
  return parts;
}

/**
 * Reads `[name=]preset[,key=value...]`; without a name it is the preset's.
 *
 * @throws GanymedeError `invalid-argument` for another text, or a name that cannot be a folder's.
 */
export function parseVariant(text: string): Variant {
  const [head = "", ...settings] = splitCommas(text);
  const at = head.indexOf("=");
  const base = head.slice(at + 1);
  const name = at < 0 ? base.replace(/(\/config)?\.json$/, "").replace(/^.*\//, "") : head.slice(0, at);
  if (base === "" || !/^\w[\w.-]*$/.test(name)) {
    throw new GanymedeError(
      "invalid-argument",
      `compare: a variant must read name=preset,key=value,... with a name of letters, digits, dots and dashes, got "${text}"`,
    );
  }
  return { name, base, overrides: settings.map((each) => parseOverride(each, `compare, ${name}`)) };
}

/** @throws GanymedeError `invalid-argument` for fewer than one variant, or two of one name. */
export function parseVariants(texts: readonly string[]): readonly Variant[] {
  const variants = texts.map(parseVariant);
  const twice = variants.find(({ name }, at) => variants.findIndex((other) => other.name === name) < at);
  if (twice === undefined) return variants;
  throw new GanymedeError(
    "invalid-argument",
    `compare: every variant must have a name of its own, got "${twice.name}" twice; write name=${twice.base},...`,
  );
}

/** The configuration of a variant: that of its base, with the settings for all and then its own. */
export async function chooseVariant(
  registry: Registry,
  { base, overrides }: Variant,
  forAll: readonly Override[],
  cwd: string,
): Promise<ModelChoice> {
  const all = [...forAll, ...overrides];
  if (!base.endsWith(".json")) return resolveModel(registry, base, all);
  const path = resolve(cwd, base);
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new GanymedeError("missing-file", `compare: ${path} must be a run's config.json, got none; check the path`, {
      cause,
    });
  });
  const { family, preset, model, training } = parseRunConfig(text, path);
  return overrideModel(registry, { family, preset, model, training }, all);
}
