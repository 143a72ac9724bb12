import type { AttentionVariant, ModelFamily, Plugin, Ref } from "@ganymede/core";
import { createRegistry } from "@ganymede/core";
import { trainingPlugin } from "../plugin.js";
import { modelCase } from "./model-family/case.js";
import { checkAnswers } from "./model-family/check-answers.js";
import { checkContexts } from "./model-family/check-contexts.js";
import { checkPresets } from "./model-family/check-presets.js";
import { checkSettingsAreRefused } from "./model-family/check-settings.js";
import { checkStyles } from "./model-family/check-styles.js";
import { checkTraining } from "./model-family/check-training.js";
import { checkNames, checkTransforms } from "./model-family/check-weights.js";

/** A config of a model family, and the plugins that its check needs. */
export interface ModelFamilyCheck<Config> {
  /** A small config, which all checks run on the current engine. */
  readonly config: Config;
  /** Plugins with terms and augmentations that the presets name, in addition to those of this package. Default: none. */
  readonly plugins?: readonly Plugin[];
  /** Attentions that the config names, such as `attention().attentions`; their contexts are checked. Default: none. */
  readonly attentions?: readonly AttentionVariant[];
  /** Terms of the generator for parameters that the loss alone does not reach. Default: none. */
  readonly generatorTerms?: readonly Ref[];
}

/**
 * Checks a model family. Its presets pass its own `configure` and can be trained with their training configs; unknown settings and wrong
 * values are rejected, see `checkSettings`. Images and logits have the documented shapes and depend on one key. Every attention layer gets a
 * complete context with its own key. All declared capabilities hold: synthesis after mapping equals the generator, components fit into w,
 * pixel logits and queries have their shapes, classes change images and logits, and logits depend on other images only if declared.
 * Transformed weights keep their leaves, and weights survive a round trip through the authors' names. A training step reaches every
 * parameter and leaks no tensor.
 *
 * @throws GanymedeError `nonconforming` with the family and the first rule that it violates.
 */
export async function checkModelFamily<Config>(
  family: ModelFamily<Config>,
  { config, plugins = [], attentions = [], generatorTerms = [] }: ModelFamilyCheck<Config>,
): Promise<void> {
  const who = `model family "${family.id}"`;
  const components = createRegistry([trainingPlugin(), ...plugins]);
  checkPresets(family, components, who);
  checkSettingsAreRefused(family, config, who);
  if (attentions.length > 0) checkContexts(family, config, attentions, who);
  const given = modelCase(family.create(config), who);
  await checkAnswers(given);
  await checkStyles(given);
  checkTransforms(given);
  await checkNames(family, config, given);
  await checkTraining(given, { components, generatorTerms });
}
