import type { ModelFamily, Preset } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { demand, fail } from "@ganymede/core/testing";
import type { TrainingComponents } from "../../step/resolve-training.js";
import { createTrainStep } from "../../step/train-step.js";

/** Checks that a preset's model supports the preset's training. */
function checkTraining<Config>(
  family: ModelFamily<Config>,
  { id, model, training }: Preset<Config>,
  components: TrainingComponents,
  who: string,
) {
  try {
    createTrainStep(family.create(model), training, components);
  } catch (error) {
    if (!GanymedeError.is(error)) throw error;
    fail(who, `the preset "${id}" must be trainable with its own training config, but ${error.message}`);
  }
}

/** Checks that preset ids are unique, that `configure` accepts them, that they can be trained, and that unknown settings are rejected. */
export function checkPresets<Config>(family: ModelFamily<Config>, components: TrainingComponents, who: string): void {
  const ids = family.presets.map((preset) => preset.id);
  demand(ids.length > 0, who, "there must be at least one preset");
  demand(new Set(ids).size === ids.length, who, `preset ids must differ, got ${ids.join(", ")}`);
  for (const preset of family.presets) {
    family.configure(preset.model, {});
    checkTraining(family, preset, components, who);
  }
  try {
    family.configure((family.presets[0] as { model: Config }).model, { "no-such-setting": 1 });
  } catch (error) {
    if (GanymedeError.is(error) && error.code === "invalid-config") return;
    throw error;
  }
  fail(who, "configure must refuse an unknown setting with the code invalid-config");
}
