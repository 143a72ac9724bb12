import type { ModelFamily, Preset } from "@ganymede/core";
import { createRegistry } from "@ganymede/core";
import { gansformer } from "@ganymede/models-gansformer";
import { sagan } from "@ganymede/models-sagan";
import { skinny } from "@ganymede/models-skinny";
import { transgan } from "@ganymede/models-transgan";
import { vitgan } from "@ganymede/models-vitgan";
import { trainingPlugin } from "@ganymede/training";

/** Of every family, for `createTrainStep`. */
export const registry = createRegistry([trainingPlugin(), vitgan(), sagan(), transgan(), gansformer(), skinny()]);

/** A preset of any family by its id. */
export function findPreset(id: string): { family: ModelFamily; preset: Preset<unknown> } {
  for (const entry of registry.list("models")) {
    const family = entry as unknown as ModelFamily;
    const preset = family.presets.find((each) => each.id === id);
    if (preset !== undefined) return { family, preset };
  }
  throw new Error(`families: no preset is called "${id}"`);
}
