import type { AdversarialModel, ModelFamily, ModelParts, Preset } from "../contracts/model-family.js";
import type { ReferenceWeights } from "../contracts/weights.js";
import type { ConfigRules } from "./config-rules.js";
import { configRules } from "./config-rules.js";
import { resolveConfig } from "./resolve-config.js";
import type { Setting } from "./settings.js";
import { checkSettings } from "./settings.js";

/** A model family as its author writes it. */
export interface FamilyDescription<Config> {
  readonly id: string;
  /** Address of the paper or code. */
  readonly source: string;
  /** Every setting with its range, see `record`. */
  readonly settings: Setting<Config>;
  /** Rules between settings, checked after their ranges. */
  check?(config: Config, rules: ConfigRules): void;
  readonly presets: readonly Preset<Config>[];
  /** Names and layouts of the authors' files. */
  readonly weights?: ReferenceWeights<Config>;
  /** The model of a checked config. */
  create(config: Config, parts: ModelParts): AdversarialModel;
}

/**
 * A model family whose configs are checked before anything is built: unknown settings with near names, then ranges, then the rules between
 * settings, each as an `invalid-config` that begins with the family's id.
 */
export function defineFamily<Config>(description: FamilyDescription<Config>): ModelFamily<Config> {
  const { id, source, settings, presets, weights } = description;
  const rules = configRules(id);
  const checked = (config: Config): Config => {
    const known = checkSettings(settings, config, id);
    description.check?.(known, rules);
    return known;
  };
  return {
    id,
    source,
    presets,
    ...(weights !== undefined && { weights }),
    configure: (base, overrides) => checked(resolveConfig(base, overrides, id, { names: true })),
    create: (config, parts = {}) => description.create(checked(config), parts),
  };
}
