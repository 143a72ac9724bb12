import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Extractor, Metric, MetricState, Ref } from "@ganymede/core";
import { withSettings } from "@ganymede/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fid as fidComponent, score } from "../components.js";
import { fid } from "../fid.js";
import { randomImages, randomInceptionFile } from "../fixtures/random-inception.js";
import { useWasm } from "../fixtures/wasm.js";
import { inceptionScore } from "../inception-score-metric.js";
import { findInception } from "../node/find-inception.js";
import { officialInception } from "../node/inception-file.js";
import { metrics } from "../plugin.js";

interface Reference {
  readonly fid2048: number;
  readonly score: { readonly mean: number; readonly deviation: number };
  readonly features64: number[];
  readonly features2048: number[];
  readonly logits: number[];
}

/** Everything from a file in the official format to the scores, with random weights, against PyTorch in float64. */
describe("a complete file in the official format", () => {
  const shape = [6, 32, 32, 3] as const;
  const [real, fake] = [randomImages(2000, 6, 32), randomImages(2001, 6, 32)];
  let folder: string;
  let extractor: Extractor;
  let reference: Reference;

  beforeAll(async () => {
    await useWasm();
    reference = JSON.parse(await readFile(new URL("../fixtures/random-inception.json", import.meta.url), "utf8"));
    folder = await mkdtemp(join(tmpdir(), "ganymede-inception-"));
    const bytes = randomInceptionFile();
    // The names and the values are those of the official file; its pickles are 81,511 bytes before 95,546,848 of storages.
    expect(Math.abs(bytes.length - officialInception.bytes)).toBeLessThan(100_000);
    await writeFile(join(folder, officialInception.name), bytes);
    extractor = await (await findInception({ inception: folder }))!.open();
  });
  afterAll(async () => {
    extractor?.dispose();
    await rm(folder, { recursive: true });
  });

  const expectClose = (got: ArrayLike<number>, wanted: readonly number[]): void => {
    const largest = Math.max(...wanted.map(Math.abs));
    for (const [i, value] of wanted.entries()) expect(Math.abs(got[i]! - value) / largest).toBeLessThan(1e-5);
  };

  it("gives PyTorch's features and logits", async () => {
    expectClose(await extractor.features(real, shape, 64), reference.features64);
    expectClose((await extractor.features(real, shape, 2048)).subarray(0, 64), reference.features2048);
    expectClose((await extractor.logits!.apply(fake, shape)).subarray(1008), reference.logits);
  });

  const measure = async <State extends MetricState>(metric: Metric<State>) => {
    const [first, second] = [metric.start(), metric.start()];
    await metric.add(first, real, shape);
    await metric.add(second, fake.subarray(0, 2 * 3072), [2, 32, 32, 3]);
    await metric.add(second, fake.subarray(2 * 3072), [4, 32, 32, 3]);
    return metric.finish(metric.load(metric.save(first)), metric.load(metric.save(second)));
  };

  it("gives PyTorch's FID at 2048 features", async () => {
    const { id, value, details } = await measure(fid({ extractor, dims: 2048 }));
    expect(id).toBe("fid-2048");
    expect(Math.abs(value - reference.fid2048) / reference.fid2048).toBeLessThan(1e-4);
    expect(details).toEqual({ realImages: 6, generatedImages: 6 });
  });

  it("gives PyTorch's Inception Score", async () => {
    const { id, value, details } = await measure(inceptionScore({ extractor, splits: 2, shuffle: false }));
    expect(id).toBe("is-consecutive-2splits");
    expect(Math.abs(value - reference.score.mean) / reference.score.mean).toBeLessThan(1e-4);
    expect(Math.abs(details.deviation! - reference.score.deviation)).toBeLessThan(1e-4);
  });

  it("opens once for all metrics that name it", async () => {
    const opened: unknown[] = [];
    const inputs = {
      extractor: async (ref: Ref) => {
        opened.push(ref);
        return extractor;
      },
      extractorNeeds: async () => null,
    };
    const ids = (metrics().metrics ?? []).map(async (component) => {
      const metric = await withSettings(component, {}, "test").create(inputs);
      expect([metric.source, metric.better]).toEqual([component.source, component.better]);
      return metric.id;
    });
    expect(await Promise.all(ids)).toEqual(["swd", "fid-2048", "kid-2048", "prdc-2048", "is", "is-consecutive"]);
    const other = { id: "mine", layer: 3 };
    const named = [fidComponent({ extractor: other, dims: 64 }), score({ extractor: other, splits: 2 })];
    expect(await Promise.all(named.map(async (part) => (await part.create(inputs)).id))).toEqual([
      "fid-mine-64",
      "is-mine-2splits",
    ]);
    expect(opened).toEqual([...Array(5).fill("inception"), other, other]);
    await expect(fidComponent({ dims: 9 }).create(inputs)).rejects.toThrow(
      /^fid: dims must be one of 64, 192, 768, 2048, the widths of inception-2015-12-05, got 9; /,
    );
  });
});
