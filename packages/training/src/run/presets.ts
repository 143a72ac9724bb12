import type { ModelFamily, Preset, Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";

/** A family whose configuration type was forgotten; only `configure` makes configurations for `create`. */
export interface FoundPreset {
  readonly family: ModelFamily;
  readonly preset: Preset<unknown>;
}

/** All presets with their families. */
export function listPresets(registry: Registry): readonly FoundPreset[] {
  return registry.list("models").flatMap((entry) => {
    const family = entry as unknown as ModelFamily;
    return family.presets.map((preset) => ({ family, preset }));
  });
}

/** @throws GanymedeError `unknown-name` with near names. */
export function findPreset(registry: Registry, id: string): FoundPreset {
  const presets = listPresets(registry);
  const found = presets.find(({ preset }) => preset.id === id);
  if (found !== undefined) return found;
  const known = presets.map(({ preset }) => preset.id);
  throw new GanymedeError("unknown-name", `train: a preset must be a known one, got "${id}"; ${suggestion(id, known)}`);
}
