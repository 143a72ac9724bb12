import { describe, expect, test } from "vitest";
import type { Extractor } from "../contracts/extractor.js";
import { expectPixels } from "../errors/expect-pixels.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { checkExtractor } from "./check-extractor.js";

describe("checkExtractor", () => {
  const good: Extractor = {
    id: "rows",
    preprocessing: "none",
    dims: [3, 6],
    async features(images, shape, dims) {
      expectPixels(images, shape, "rows");
      if (!good.dims.includes(dims)) throw new GanymedeError("unsupported", "rows: no such width; choose another");
      const [count, height, width, channels] = shape;
      const out = new Float32Array(count * dims);
      for (let i = 0; i < count * height * width; i++) {
        const row = Math.floor(i / (height * width)) * dims;
        for (let c = 0; c < dims; c++) {
          out[row + c] =
            (out[row + c] as number) + (images[i * channels + (channels === 1 ? 0 : c % 3)] as number) * (1 + (i % 2));
        }
      }
      return out;
    },
    dispose: () => undefined,
  };
  const features = good.features;
  let calls = 0;

  test("a right extractor conforms", () => checkExtractor(good));

  test.each<[string, Partial<Extractor>, RegExp]>([
    ["does not say how it prepares images", { preprocessing: "" }, /an id and a preprocessing/],
    ["lists widths in no order", { dims: [6, 3] }, /ascending order, got 6, 3/],
    [
      "gives rows of another width",
      { features: async (x, s, d) => (await features(x, s, d)).slice(1) },
      /must have 9 features/,
    ],
    ["gives NaN", { features: async (x, s, d) => (await features(x, s, d)).fill(Number.NaN, 0, 1) }, /must be finite/],
    [
      "counts its calls",
      { features: async (x, s, d) => (await features(x, s, d)).map((value) => value * (1 + ++calls)) },
      /the same images must have the same features/,
    ],
    [
      "looks at the whole batch",
      { features: async (x, s, d) => (await features(x, s, d)).map((value) => value * s[0]) },
      /the others of its batch/,
    ],
    ["is always 1", { features: async (_, [n], d) => new Float32Array(n * d).fill(1) }, /different images must have/],
    [
      "reads grey images otherwise",
      { features: async (x, s, d) => (await features(x, s, d)).map((value) => value * s[3]) },
      /a grey image must have/,
    ],
    [
      "takes pixels of any kind",
      {
        features: (x, s, d) => {
          const size = s[0] * s[1] * s[2] * s[3];
          return features(
            Uint8Array.from({ length: size }, (_, i) => x[i] ?? 0),
            s,
            d,
          );
        },
      },
      /must reject pixels that are not uint8/,
    ],
    [
      "takes any width",
      { features: (x, s, d) => features(x, s, Math.min(d, 6)) },
      /must reject a width that is not in dims/,
    ],
    ["has wrong logits", { logits: { width: 4, apply: (x, s) => features(x, s, 3) } }, /logits: 3 images must have 12/],
  ])("one that %s does not", async (_, changes, message) => {
    await expect(checkExtractor({ ...good, ...changes })).rejects.toThrow(message);
  });
});
