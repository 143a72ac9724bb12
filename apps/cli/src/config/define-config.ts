import type { Plugin, TrainingConfig } from "@ganymede/core";

/** Content of `ganymede.config.ts`. */
export interface Config {
  /**
   * Plugins in addition to the built-in ones; falsy entries are ignored, lists are flattened. A string is a package or a file relative to
   * the configuration, as for `--plugin`.
   */
  readonly plugins?: readonly PluginEntry[];
  /** Presets by name, valid wherever a preset is: `ganymede train mine`. Names must be valid folder names. */
  readonly presets?: Readonly<Record<string, ProjectPreset>>;
}

/** A plugin, a specifier as for `--plugin`, a disabled entry, or a list of these. */
export type PluginEntry = Plugin | string | false | null | undefined | readonly PluginEntry[];

/** A preset that changes another one. Settings are merged like those of `--set`; undefined changes nothing. */
export interface ProjectPreset {
  /** A preset of a plugin or of this configuration, or a `.json` file next to it. */
  readonly extends: string;
  /** Settings of the model, as defined by its family. */
  readonly model?: Readonly<Record<string, unknown>>;
  /** Settings of the training; lists of components also by id, such as `discriminatorTerms: { r1: { gamma: 5 } }`. */
  readonly training?: TrainingSettings;
}

type Settings<Value> = Value extends readonly unknown[]
  ? Value | Readonly<Record<string, unknown>>
  : Value extends object
    ? { readonly [Name in keyof Value]?: Settings<Value[Name]> | undefined } & Readonly<Record<string, unknown>>
    : Value;

/** Some of the settings of a training. */
export type TrainingSettings = { readonly [Name in keyof TrainingConfig]?: Settings<TrainingConfig[Name]> | undefined };

/** Types a configuration: `export default defineConfig({ plugins: [cosine()] })`. */
export function defineConfig(config: Config): Config {
  return config;
}

/** Flattens a list of plugins without disabled entries; strings stay. */
export function flattenPlugins(entries: readonly PluginEntry[]): (Plugin | string)[] {
  return entries.flatMap((entry) => {
    if (!entry) return [];
    return Array.isArray(entry) ? flattenPlugins(entry as readonly PluginEntry[]) : [entry as Plugin | string];
  });
}
