import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import * as attention from "@ganymede/attention";
import type { SelfAttentionPart } from "@ganymede/core";
import { averagePool } from "@ganymede/core/nn";
import type * as tf from "@tensorflow/tfjs-core";
import { startBackend } from "../golden/backends.js";
import { influence } from "./influence.js";
import type { MapRow } from "./maps-picture.js";
import { mapsPicture } from "./maps-picture.js";
import { sceneImages, trainPatchModel } from "./patch-model.js";

/** Trains a small model with each variant and draws what a token's output depends on: [picture] [steps]. */
const [file = "docs/images/attention-maps.svg", steps = "150"] = process.argv.slice(2);

const variants: readonly SelfAttentionPart[] = [
  attention.dotProduct(),
  attention.l2(),
  attention.cosine(),
  attention.linearAttention(),
  attention.performer({ features: 32 }),
  attention.lsh({ bucketSize: 8 }),
  attention.nystrom({ landmarks: 16 }),
  attention.linformer({ rank: 16 }),
  attention.localInit({ width: 4 }),
  attention.onTokens(attention.sagan()),
  attention.onTokens(attention.grid({ window: 4 })),
  attention.onTokens(attention.shiftedWindow({ window: 4 })),
  attention.onTokens(attention.axial()),
  attention.onTokens(attention.local({ kernel: 5, scaled: true })),
  attention.onTokens(attention.neighbourhood({ kernel: 5 })),
];

/** Colours of an image, 16 x 16. */
async function colorsOf(image: tf.Tensor4D): Promise<string[]> {
  const pixels = await averagePool(image).data();
  return Array.from({ length: 256 }, (_, i) => {
    const parts = [0, 1, 2].map((c) => Math.round(((pixels[3 * i + c] as number) + 1) * 7.5) * 17);
    return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  });
}

await startBackend("onnx");
const asking = [27, 27, 44, 44];
const shown = [3000, 3001, 3000, 3001];
const images = await Promise.all(shown.map((index) => sceneImages(index, 1)));
const rows: MapRow[] = [];
for (const variant of variants) {
  const { params, loss } = await trainPatchModel(variant, Number(steps));
  process.stdout.write(`${variant.id.padEnd(16)} loss ${loss.toFixed(4)} after ${steps} steps\n`);
  const maps: (readonly number[])[] = [];
  for (const [i, image] of images.entries()) {
    maps.push((await influence(variant, params, image, asking[i] as number))[0] as number[]);
  }
  rows.push({ name: variant.id, maps });
}
mkdirSync(dirname(resolve(file)), { recursive: true });
writeFileSync(file, mapsPicture({ images: await Promise.all(images.map(colorsOf)), asking, rows }));
process.stdout.write(`drawn: ${file}\n`);
