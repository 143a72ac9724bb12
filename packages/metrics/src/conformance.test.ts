import "@tensorflow/tfjs-backend-cpu";
import { checkMetric } from "@ganymede/core/testing";
import { describe, it } from "vitest";
import type { Detector } from "./detector/detector.js";
import { fid } from "./fid.js";
import { inceptionScore } from "./inception-score-metric.js";
import { kid } from "./kid.js";
import { prdc } from "./prdc.js";
import { slicedWasserstein } from "./sliced-wasserstein/sliced-wasserstein.js";

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

const detector: Detector = {
  id: "colour-means",
  dims: [64],
  hasLogits: true,
  features: async (images, [count], dims) => parts(dims)(images, count),
  logits: async (images, [count]) => parts(1008)(images, count),
  dispose: () => {},
};

describe("metrics conform to their contract", () => {
  it("fid", () => checkMetric(fid({ detector, dims: 64 }), { count: 80 }));
  it("kid", () => checkMetric(kid({ detector, dims: 64, subsets: 5, subsetSize: 20 })));
  it("prdc", () => checkMetric(prdc({ detector, dims: 64 })));
  it("is", () => checkMetric(inceptionScore({ detector })));
  it("swd", () => checkMetric(slicedWasserstein()));
});
