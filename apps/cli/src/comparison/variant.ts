import { GanymedeError } from "@ganymede/core";
import type { Override } from "@ganymede/training";
import { overrideModel, parseOverride } from "@ganymede/training";
import type { OpenedPreset } from "../config/preset-file.js";
import { openPreset, presetName } from "../config/preset-file.js";
import type { Knowledge } from "../config/registry.js";

/** A model to compare, as given on the command line. */
export interface Variant {
  /** Name of the variant and of its folder. */
  readonly name: string;
  /** A preset or a preset file, see `openPreset`. */
  readonly base: string;
  readonly overrides: readonly Override[];
}

/** Splits at commas outside brackets and quotes, so that values can be JSON. */
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
 * Parses `[name=]preset[,key=value...]`. Default name: that of the preset.
 *
 * @throws GanymedeError `invalid-argument` for a malformed text, or a name that is not a valid folder name.
 */
export function parseVariant(text: string): Variant {
  const [head = "", ...settings] = splitCommas(text);
  const at = head.indexOf("=");
  const base = head.slice(at + 1);
  const name = at < 0 ? presetName(base) : head.slice(0, at);
  if (base === "" || !/^\w[\w.-]*$/.test(name)) {
    throw new GanymedeError(
      "invalid-argument",
      `compare: a variant must have the form name=preset,key=value,... with a name of letters, digits, dots and dashes, got "${text}"`,
    );
  }
  return { name, base, overrides: settings.map((each) => parseOverride(each, `compare, ${name}`)) };
}

/** @throws GanymedeError `invalid-argument` without a variant, or for two of one name. */
export function parseVariants(texts: readonly string[]): readonly Variant[] {
  const variants = texts.map(parseVariant);
  const twice = variants.find(({ name }, at) => variants.findIndex((other) => other.name === name) < at);
  if (twice === undefined) return variants;
  throw new GanymedeError(
    "invalid-argument",
    `compare: variant names must be unique, got "${twice.name}" twice; write name=${twice.base},...`,
  );
}

/** The configuration of a variant: that of its base, with the settings for all variants and then its own. */
export async function chooseVariant(
  before: Knowledge,
  { base, overrides }: Variant,
  forAll: readonly Override[],
  cwd: string,
): Promise<OpenedPreset> {
  const { known, choice } = await openPreset(before, base, cwd);
  return { known, choice: overrideModel(known.registry, choice, [...forAll, ...overrides]) };
}
