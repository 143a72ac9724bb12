import type { Extractor, ExtractorInputs } from "@ganymede/core";
import { createRegistry, defineComponent, definePlugin, expectPixels } from "@ganymede/core";
import { metrics } from "@ganymede/metrics/node";
import { beforeEach, expect, test } from "vitest";
import { openEach, openMetrics } from "./open-metrics.js";

let opened: string[] = [];
beforeEach(() => {
  opened = [];
});

/** Every n-th pixel of an image, in place of a network; it writes down what becomes of it. */
const pixels = defineComponent({
  id: "pixels",
  source: "none",
  defaults: { every: 1 },
  async create({ every }, { cwd }: ExtractorInputs): Promise<Extractor> {
    opened.push(`open ${every} in ${cwd}`);
    return {
      id: `pixels-${every}`,
      preprocessing: "none",
      dims: [2, 4],
      async features(images, shape, dims) {
        expectPixels(images, shape, "pixels");
        const size = images.length / shape[0];
        return Float32Array.from({ length: shape[0] * dims }, (_, i) => {
          return images[Math.floor(i / dims) * size + (i % dims) * every] as number;
        });
      },
      dispose: () => void opened.push(`dispose ${every}`),
    };
  },
});

const registry = createRegistry([
  metrics(),
  definePlugin({ apiVersion: 1, name: "ganymede-plugin-pixels", extractors: [pixels] }),
]);
const open = (inception?: string) => openMetrics({ registry, inception, cwd: "/here", environment: {} });

test("metrics compare the features of the extractor that their settings name, loaded once for all of them", async () => {
  const all = open();
  const mine = { id: "pixels", every: 2 };
  const refs = [
    { id: "fid", extractor: "pixels" },
    { id: "kid", extractor: mine, dims: 2 },
    { id: "fid", extractor: mine },
  ];
  const made = await openEach(all, refs);
  expect(made.map(({ id, extractor }) => [id, extractor])).toEqual([
    ["fid-pixels-4", "pixels-1"],
    ["kid-pixels-2", "pixels-2"],
    ["fid-pixels-4", "pixels-2"],
  ]);
  expect(opened).toEqual(["open 1 in /here", "open 2 in /here"]);
  const [fid] = made;
  const states = [fid?.start(), fid?.start()];
  const batch = (shift: number) => Uint8Array.from({ length: 8 * 2 * 2 * 3 }, (_, i) => ((i * 37) % 101) + shift);
  for (const [i, state] of states.entries()) await fid?.add(state as never, batch(10 * i), [8, 2, 2, 3]);
  // Means differ by 10 in each of four features, and covariances are equal.
  expect(fid?.finish(states[0] as never, states[1] as never).value).toBeCloseTo(400, 6);
  all.dispose();
  await new Promise(setImmediate);
  expect(opened.slice(2)).toEqual(["dispose 1", "dispose 2"]);
});

test("says what metrics need, without loading anything", async () => {
  const all = open();
  expect(await all.needs("swd")).toBeNull();
  expect(await all.needs("fid")).toBe("Inception weights: --inception or $GANYMEDE_DATA");
  expect(await all.needs({ id: "fid", extractor: "pixels" })).toBeNull();
  expect(await all.needs({ id: "fid", extractor: "nets" })).toBe('a plugin with the feature extractor "nets"');
  expect(opened).toEqual([]);
});

test.each<[Parameters<ReturnType<typeof open>["open"]>[0], RegExp]>([
  ["fdi", /^`metrics`: there is no metric "fdi"; did you mean "fid"\?$/],
  ["swd-64", /^`metrics`: there is no metric "swd-64"; did you mean "swd"\?$/],
  ["fid-768", /^inception: no Inception weights were found; pass them with --inception/],
  [{ id: "fid", extractor: "pixel" }, /^extractor: there is no feature extractor "pixel"; did you mean "pixels"\?$/],
  [{ id: "fid", extractor: "pixels", dims: 3 }, /^fid: dims must be one of 2, 4, the widths of pixels-1, got 3; /],
  [{ id: "fid", dims: 0 }, /^`metrics`: fid: dims must be a whole number from 1 up, or null, got 0$/],
  [{ id: "is", extractor: "pixels" }, /^is: the extractor must have a classifier, but pixels-1 has none; /],
])("%j is refused in one sentence", async (ref, message) => {
  await expect(open().open(ref)).rejects.toThrow(message);
});

test("--inception names the weights of the extractor that is the default", async () => {
  await expect(open("nothing.pth").open("fid")).rejects.toThrow(/--inception: must be .*got \/here\/nothing\.pth/);
  const own = { id: "fid", extractor: { id: "inception", weights: "other.pth" } };
  await expect(open("nothing.pth").open(own)).rejects.toThrow(/got \/here\/other\.pth/);
});
