import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Metric, MetricState } from "@ganymede/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fid } from "../fid.js";
import { randomImages, randomInceptionFile } from "../fixtures/random-inception.js";
import { useWasm } from "../fixtures/wasm.js";
import { inceptionScore } from "../inception-score-metric.js";
import { findInception } from "../node/find-inception.js";
import { officialInception } from "../node/inception-file.js";
import { metrics } from "../plugin.js";
import type { Detector } from "./detector.js";

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
  let detector: Detector;
  let reference: Reference;

  beforeAll(async () => {
    await useWasm();
    reference = JSON.parse(await readFile(new URL("../fixtures/random-inception.json", import.meta.url), "utf8"));
    folder = await mkdtemp(join(tmpdir(), "ganymede-inception-"));
    const bytes = randomInceptionFile();
    // The names and the values are those of the official file; its pickles are 81,511 bytes before 95,546,848 of storages.
    expect(Math.abs(bytes.length - officialInception.bytes)).toBeLessThan(100_000);
    await writeFile(join(folder, officialInception.name), bytes);
    detector = await (await findInception({ inception: folder }))!.open();
  });
  afterAll(async () => {
    detector?.dispose();
    await rm(folder, { recursive: true });
  });

  const expectClose = (got: ArrayLike<number>, wanted: readonly number[]): void => {
    const largest = Math.max(...wanted.map(Math.abs));
    for (const [i, value] of wanted.entries()) expect(Math.abs(got[i]! - value) / largest).toBeLessThan(1e-5);
  };

  it("gives PyTorch's features and logits", async () => {
    expectClose(await detector.features(real, shape, 64), reference.features64);
    expectClose((await detector.features(real, shape, 2048)).subarray(0, 64), reference.features2048);
    expectClose((await detector.logits(fake, shape)).subarray(1008), reference.logits);
  });

  const measure = async <State extends MetricState>(metric: Metric<State>) => {
    const [first, second] = [metric.start(), metric.start()];
    await metric.add(first, real, shape);
    await metric.add(second, fake.subarray(0, 2 * 3072), [2, 32, 32, 3]);
    await metric.add(second, fake.subarray(2 * 3072), [4, 32, 32, 3]);
    return metric.finish(metric.load(metric.save(first)), metric.load(metric.save(second)));
  };

  it("gives PyTorch's FID at 2048 features", async () => {
    const { id, value, details } = await measure(fid({ detector, dims: 2048 }));
    expect(id).toBe("fid-2048");
    expect(Math.abs(value - reference.fid2048) / reference.fid2048).toBeLessThan(1e-4);
    expect(details).toEqual({ realImages: 6, generatedImages: 6 });
  });

  it("gives PyTorch's Inception Score", async () => {
    const { id, value, details } = await measure(inceptionScore({ detector, splits: 2, shuffle: false }));
    expect(id).toBe("is-consecutive-2splits");
    expect(Math.abs(value - reference.score.mean) / reference.score.mean).toBeLessThan(1e-4);
    expect(Math.abs(details.deviation! - reference.score.deviation)).toBeLessThan(1e-4);
  });

  it("contributes every metric that it can compute", () => {
    const ids = (plugin: ReturnType<typeof metrics>): (string | undefined)[] =>
      (plugin.metrics ?? []).map(({ id }) => id);
    expect(ids(metrics({ detector }))).toEqual([
      "swd",
      "fid-64",
      "fid-192",
      "fid-768",
      "fid-2048",
      "kid-2048",
      "prdc-2048",
      "is",
      "is-consecutive",
    ]);
    expect(ids(metrics())).toEqual(["swd"]);
  });
});
