import type { AdversarialModel } from "@ganymede/core";
import { expect, it } from "vitest";
import type { LoadedSampler } from "./load-sampler.js";
import { truncateStyles } from "./truncate-styles.js";

/** w = 2 z + 3, and images are their styles: everything can be computed by hand. */
const styles: LoadedSampler["styles"] = {
  mapping: async (z) => z.map((value) => 2 * value + 3),
  synthesis: async (w) => w,
};
const model = { latentSize: 2 } as AdversarialModel;
const z = Float32Array.of(1, -1, 4, 0);
const sampler = { model, styles, dispose: () => undefined } as unknown as LoadedSampler;

it.each([1, 0.5, 0])("keeps a share of %f of the way from the mean style", async (psi) => {
  const drawn = await (await truncateStyles(sampler, psi)).sample(z, 2);
  const styled = z.map((value) => 2 * value + 3);
  for (const [i, value] of drawn.entries()) {
    // The mean of 4096 normal latents is within 0.05 of 0, three of its deviations.
    expect(Math.abs(value - (3 + psi * (styled[i]! - 3)))).toBeLessThan(0.1 * (1 - psi) + 1e-5);
  }
});

it("refuses a model without styles", async () => {
  const { styles: _, ...plain } = sampler;
  await expect(truncateStyles(plain, 0.5)).rejects.toThrow(/^`psi`: the model must have styles w/);
});
