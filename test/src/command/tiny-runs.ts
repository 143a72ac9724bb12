import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Presets at widths that start in a second and step in milliseconds, as arguments of `ganymede train`. */
export const tinyPresets: Readonly<Record<"vitgan-tiny" | "sagan-tiny", readonly string[]>> = {
  "vitgan-tiny": settings({
    imageSize: 16,
    "generator.width": 16,
    "generator.depth": 1,
    "generator.heads": 2,
    "generator.mlpWidth": 16,
    "generator.latentSize": 8,
    "generator.output.hidden": [16],
    "discriminator.width": 16,
    "discriminator.depth": 1,
    "discriminator.heads": 2,
    "discriminator.mlpWidth": 16,
  }),
  "sagan-tiny": settings({
    "generator.widths": [8, 8, 8, 8],
    "generator.latentSize": 8,
    "discriminator.widths": [8, 8, 8, 8],
  }),
};

function settings(values: Readonly<Record<string, number | readonly number[]>>): readonly string[] {
  return Object.entries(values).flatMap(([name, value]) => ["--set", `${name}=${JSON.stringify(value)}`]);
}

/** Writes a dataset of 64 images 32 x 32 into a folder, and gives its path. */
export async function writeTinyData(folder: string): Promise<string> {
  const data = join(folder, "images");
  await mkdir(data, { recursive: true });
  const header = [0, 0, 8, 3, 0, 0, 0, 64, 0, 0, 0, 32, 0, 0, 0, 32];
  const pixels = Array.from({ length: 64 * 32 * 32 }, (_, i) => (i * 37 + (i >> 10) * 11) % 256);
  await writeFile(join(data, "train-images-idx3-ubyte"), Uint8Array.from([...header, ...pixels]));
  return data;
}

/** A training that logs and saves at every step, without an end unless one is given. */
export function tinyTraining(preset: keyof typeof tinyPresets, data: string, out: string): readonly string[] {
  return [
    ...["train", preset, ...tinyPresets[preset], "--data", data, "--out", out, "--batch", "4", "--threads", "1"],
    ...["--log-every", "1", "--checkpoint-every", "1", "--sample-every", "7", "--keep", "2", "--json"],
  ];
}
