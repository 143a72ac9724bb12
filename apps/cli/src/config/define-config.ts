import type { Plugin, TrainingConfig } from "@ganymede/core";

/** What `ganymede.config.ts` may say. */
export interface Config {
  /**
   * Added to the built-in plugins; falsy entries vanish, lists flatten. A text is a package or a file beside the configuration, as `--plugin`
   * takes it.
   */
  readonly plugins?: readonly PluginEntry[];
  /** Presets by their names, which stand wherever a preset does: `ganymede train mine`. Names are those of folders. */
  readonly presets?: Readonly<Record<string, ProjectPreset>>;
}

/** A plugin, how `--plugin` names one, one that is switched off, or a list of these. */
export type PluginEntry = Plugin | string | false | null | undefined | readonly PluginEntry[];

/** A preset that changes another one. Settings are merged as those of `--set` are; undefined changes nothing. */
export interface ProjectPreset {
  /** A preset of a plugin or of this configuration, or a `.json` file beside it. */
  readonly extends: string;
  /** Settings of the model, as its family has them. */
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

/** Keeps the type of a configuration: `export default defineConfig({ plugins: [cosine()] })`. */
export function defineConfig(config: Config): Config {
  return config;
}

/** The plugins of a list, without the entries that were switched off; texts stay. */
export function flattenPlugins(entries: readonly PluginEntry[]): (Plugin | string)[] {
  return entries.flatMap((entry) => {
    if (!entry) return [];
    return Array.isArray(entry) ? flattenPlugins(entry as readonly PluginEntry[]) : [entry as Plugin | string];
  });
}
