import "@tensorflow/tfjs-backend-cpu";
import type { Extractor } from "@ganymede/core";
import { checkExtractor, checkMetric } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import { describe, it } from "vitest";
import { readDatWeights } from "./extractor/dat-weights.js";
import { inceptionExtractor } from "./extractor/inception-extractor.js";
import { fid } from "./fid.js";
import { readShared, sharedData } from "./fixtures/shared-data.js";
import { useWasm } from "./fixtures/wasm.js";
import { inceptionScore } from "./inception-score-metric.js";
import { kid } from "./kid.js";
import { prdc } from "./prdc.js";
import { slicedWasserstein } from "./sliced-wasserstein/sliced-wasserstein.js";

const folder = "inception-v3-2015-12-05/batch_normalized_binaries";

/** Colour means of the image's parts, in place of a network. */
const parts =
  (width: number) =>
  (images: Uint8Array, count: number): Float32Array => {
    const size = images.length / count;
    const out = new Float32Array(count * width);
    for (let n = 0; n < count; n++) {
      for (let i = 0; i < size; i++) out[n * width + (i % width)]! += images[n * size + i]! / size;
    }
    return out;
  };

const extractor: Extractor = {
  id: "colour-means",
  dims: [64],
  preprocessing: "none",
  features: async (images, [count], dims) => parts(dims)(images, count),
  logits: { width: 1008, apply: async (images, [count]) => parts(1008)(images, count) },
  dispose: () => {},
};

it.skipIf(sharedData === null)("the Inception network conforms to its contract", async () => {
  await useWasm();
  const layers = await readDatWeights((name) => readShared(`${folder}/${name}`), 64);
  const inception = inceptionExtractor({ id: "inception-partial", dims: [64], layers });
  await checkExtractor(inception, { side: 16 });
  inception.dispose();
  await tf.setBackend("cpu");
});

describe("metrics conform to their contract", () => {
  it("fid", () => checkMetric(fid({ extractor, dims: 64 }), { count: 80 }));
  it("kid", () => checkMetric(kid({ extractor, dims: 64, subsets: 5, subsetSize: 20 })));
  it("prdc", () => checkMetric(prdc({ extractor, dims: 64 })));
  it("is", () => checkMetric(inceptionScore({ extractor })));
  it("swd", () => checkMetric(slicedWasserstein()));
});
