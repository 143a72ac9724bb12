import type { AdversarialModel, ModelFamily, ModelParts, Preset } from "../contracts/model-family.js";
import type { ReferenceWeights } from "../contracts/weights.js";
import type { ConfigRules } from "./config-rules.js";
import { configRules } from "./config-rules.js";
import { resolveConfig } from "./resolve-config.js";
import type { Setting } from "./settings.js";
import { checkSettings } from "./settings.js";

/** A model family as its author defines it. */
export interface FamilyDescription<Config> {
  readonly id: string;
  /** URL of the paper or code. */
  readonly source: string;
  /** Every setting with its range, see `record`. */
  readonly settings: Setting<Config>;
  /** Rules between settings, checked after their ranges. */
  check?(config: Config, rules: ConfigRules): void;
  readonly presets: readonly Preset<Config>[];
  /** Names and layouts in the authors' files. */
  readonly weights?: ReferenceWeights<Config>;
  /** Creates the model of a checked config. */
  create(config: Config, parts: ModelParts): AdversarialModel;
}

/**
 * Defines a model family whose configs are checked before anything is built: unknown settings (with similar names), then ranges, then rules
 * between settings. Each violation is an `invalid-config` error that starts with the family's id.
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
