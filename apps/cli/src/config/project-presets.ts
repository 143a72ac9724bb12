import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";

type Data = Readonly<Record<string, unknown>>;

/** Content of a project preset: its base, and the settings that it changes. */
export interface PresetText {
  readonly extends: string;
  readonly model: Data;
  readonly training: Data;
}

const knownKeys = ["extends", "model", "training"] as const;

export const isRecord = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * @param who name of the preset in errors.
 * @throws GanymedeError `invalid-config` for a value that is not a record, an unknown key, or a missing base.
 */
export function checkPreset(preset: unknown, who: string): PresetText {
  const refuse = (rule: string) => new GanymedeError("invalid-config", `${who}: ${rule}`);
  if (!isRecord(preset)) {
    throw refuse('a preset must be a record such as {"extends":"vitgan-tiny","training":{"batch":16}}; fix the file');
  }
  for (const name of Object.keys(preset)) {
    if ((knownKeys as readonly string[]).includes(name)) continue;
    throw refuse(`a preset has no key "${name}"; ${suggestion(name, knownKeys)}`);
  }
  const settings = (part: "model" | "training"): Data => {
    const value = (Object.hasOwn(preset, part) ? preset[part] : undefined) ?? {};
    if (!isRecord(value)) throw refuse(`${part} must be a record of settings, got ${JSON.stringify(value)}`);
    return value;
  };
  if (typeof preset.extends !== "string") {
    throw refuse("extends must be the id of a preset or a relative path of a .json file; set it");
  }
  return { extends: preset.extends, model: settings("model"), training: settings("training") };
}

/** A preset as JSON, as stored by a run: without undefined values. */
function asData(preset: unknown, who: string): unknown {
  const refuse = (rule: string) => new GanymedeError("invalid-config", `${who}: ${rule}`);
  let text: string | undefined;
  try {
    text = JSON.stringify(preset, (name, value: unknown) => {
      const isData = typeof value !== "function" && typeof value !== "symbol" && typeof value !== "bigint";
      if (isData && !(typeof value === "number" && !Number.isFinite(value))) return value;
      throw refuse(`${name || "it"} must be JSON data, got ${String(value)}; write the id of a component`);
    });
  } catch (error) {
    if (GanymedeError.is(error)) throw error;
    throw refuse("a preset must be JSON data, got a record that contains itself; remove the cycle");
  }
  return text === undefined ? undefined : JSON.parse(text);
}

/**
 * Checks the presets of a configuration file, by name.
 *
 * @throws GanymedeError `invalid-config` for a name that is not a valid folder name, or an invalid preset.
 */
export function checkPresets(presets: unknown, path: string): Readonly<Record<string, PresetText>> {
  if (!isRecord(presets)) {
    const got = Array.isArray(presets) ? "a list" : typeof presets;
    throw new GanymedeError(
      "invalid-config",
      `${path}: presets must be a record of presets by name, got ${got}; write { mine: { extends: "vitgan-tiny" } }`,
    );
  }
  const entries = Object.entries(presets).map(([name, preset]) => {
    if (!/^\w[\w.-]*$/.test(name) || name.endsWith(".json")) {
      throw new GanymedeError(
        "invalid-config",
        `${path}: the name of a preset must consist of letters, digits, dots and dashes and not end in .json, got "${name}"; rename it`,
      );
    }
    const who = `${path}: preset "${name}"`;
    return [name, checkPreset(asData(preset, who), who)] as const;
  });
  return Object.fromEntries(entries);
}
