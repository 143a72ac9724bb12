import type { ModelFamily, Preset, Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";

/** A family with its configuration type erased; only `configure` makes configurations for `create`. */
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

/** @throws GanymedeError `unknown-name` with similar names. */
export function findPreset(registry: Registry, id: string): FoundPreset {
  const presets = listPresets(registry);
  const found = presets.find(({ preset }) => preset.id === id);
  if (found !== undefined) return found;
  const ids = presets.map(({ preset }) => preset.id);
  throw new GanymedeError("unknown-name", `train: preset must be a known name, got "${id}"; ${suggestion(id, ids)}`);
}
