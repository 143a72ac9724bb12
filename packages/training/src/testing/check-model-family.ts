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

export interface ModelFamilyCheck<Config> {
  /** A small config: everything is run on it, on whatever engine is current. */
  readonly config: Config;
  /** Plugins whose terms and augmentations the presets name beside those of this package. Default: none. */
  readonly plugins?: readonly Plugin[];
  /** Attentions that the config names, such as `attention().attentions`: they listen to the contexts that they get. Default: none. */
  readonly attentions?: readonly AttentionVariant[];
  /** Terms of the generator that reach parameters which the loss alone does not. Default: none. */
  readonly generatorTerms?: readonly Ref[];
}

/**
 * What every model family must do. Presets are accepted by its own `configure` and can be trained as they say; unknown settings and wrong
 * values are refused, see `checkSettings`. Images and logits have the promised shapes, from one key alone. Attention everywhere gets a whole
 * context of its own. Whatever else the model declares holds: styles draw what their latents draw, components fit into w, pixels and queries
 * have their shapes, classes change images and logits, and logits depend on other images only where that is said. Weights keep their leaves when they are transformed, and come back as they
 * were through the authors' names. A training step reaches every parameter and leaves nothing behind.
 *
 * @throws GanymedeError `nonconforming` naming the family and the first rule that it breaks.
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
