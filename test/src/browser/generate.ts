import { inference, key, normal } from "@ganymede/core";
import { vitganFamily } from "@ganymede/models-vitgan";

/** Images of an untrained `vitgan-tiny`, from fixed keys, on the current backend: [2, 32, 32, 3], flat. */
export async function generate(): Promise<number[]> {
  const family = vitganFamily;
  const preset = family.presets.find(({ id }) => id === "vitgan-tiny")!;
  const { generator, latentSize } = family.create(preset.model);
  const images = generator.apply(generator.init(key(1)), normal(key(2), [2, latentSize]), inference);
  return Array.from(await images.data());
}
