import type { ModelFamily } from "@ganymede/core";
import { modelCase } from "./model-family/case.js";
import { checkAnswers } from "./model-family/check-answers.js";
import { checkPresets } from "./model-family/check-presets.js";
import { checkSettingsAreRefused } from "./model-family/check-settings.js";
import { checkStyles } from "./model-family/check-styles.js";
import { checkTraining } from "./model-family/check-training.js";
import { checkNames, checkTransforms } from "./model-family/check-weights.js";

export interface ModelFamilyCheck<Config> {
  /** A small config: everything is run on it, on whatever engine is current. */
  readonly config: Config;
}

/**
 * What every model family must do. Presets are accepted by its own `configure` and can be trained as they say; unknown settings and wrong
 * values are refused, see `checkSettings`. Images and logits have the promised shapes, from one key alone. Whatever else the model declares holds: styles draw what their
 * latents draw, components fit into w, pixels and queries have their shapes, super-resolution its size, classes change images and logits,
 * and logits depend on other images only where that is said. Weights keep their leaves when they are transformed, and come back as they
 * were through the authors' names. A training step reaches every parameter and leaves nothing behind.
 *
 * @throws GanymedeError `nonconforming` naming the family and the first rule that it breaks.
 */
export async function checkModelFamily<Config>(
  family: ModelFamily<Config>,
  { config }: ModelFamilyCheck<Config>,
): Promise<void> {
  const who = `model family "${family.id}"`;
  checkPresets(family, who);
  checkSettingsAreRefused(family, config, who);
  const given = modelCase(family.create(config), who);
  await checkAnswers(given);
  await checkStyles(given);
  checkTransforms(given);
  await checkNames(family, config, given);
  await checkTraining(given);
}
