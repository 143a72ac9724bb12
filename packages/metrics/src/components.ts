import type { MetricInputs, Ref } from "@ganymede/core";
import { defineComponent, GanymedeError, refId } from "@ganymede/core";
import { flag, nullable, record, reference, whole } from "@ganymede/core/config";
import { fid as fidOf } from "./fid.js";
import { inceptionScore } from "./inception-score-metric.js";
import { kid as kidOf } from "./kid.js";
import { prdc as prdcOf } from "./prdc.js";
import { slicedWasserstein } from "./sliced-wasserstein/sliced-wasserstein.js";

interface FeatureSettings {
  /** The network whose features are compared. */
  readonly extractor: Ref;
  /** Width of the features; null for the largest of the network. */
  readonly dims: number | null;
}

/** Only results with the full features of this network are comparable with published ones. */
const features: FeatureSettings = { extractor: "inception", dims: null };

const featureSettings = { extractor: reference, dims: nullable(whole()) };

/** Part of a metric's id if its network is not the FID Inception network. */
const networkOf = (ref: Ref) => (refId(ref) === features.extractor ? {} : { network: refId(ref) });

/** Opens the network of a metric's settings, and checks the width of its features. */
async function openFeatures(who: string, { extractor: ref, dims }: FeatureSettings, inputs: MetricInputs) {
  const extractor = await inputs.extractor(ref);
  const width = dims ?? extractor.dims.at(-1);
  if (width === undefined || !extractor.dims.includes(width)) {
    throw new GanymedeError(
      "invalid-config",
      `${who}: dims must be one of ${extractor.dims.join(", ")}, the widths of ${extractor.id}, got ${width}; choose one of them, or other weights`,
    );
  }
  return { extractor, dims: width, ...networkOf(ref) };
}

const needsFeatures = ({ extractor }: FeatureSettings, inputs: MetricInputs) =>
  inputs.extractorNeeds(extractor, "features");

export const fid = defineComponent({
  id: "fid",
  source: "https://arxiv.org/abs/1706.08500",
  better: "smaller" as const,
  defaults: features,
  settings: record(featureSettings),
  needs: needsFeatures,
  create: async (settings: FeatureSettings, inputs: MetricInputs) => fidOf(await openFeatures("fid", settings, inputs)),
});

export const kid = defineComponent({
  id: "kid",
  source: "https://arxiv.org/abs/1801.01401",
  better: "smaller" as const,
  defaults: { ...features, subsets: 100, subsetSize: 1000 },
  settings: record({ ...featureSettings, subsets: whole(), subsetSize: whole(2) }),
  needs: needsFeatures,
  create: async ({ subsets, subsetSize, ...settings }, inputs: MetricInputs) =>
    kidOf({ ...(await openFeatures("kid", settings, inputs)), subsets, subsetSize }),
});

export const prdc = defineComponent({
  id: "prdc",
  source: "https://arxiv.org/abs/2002.09797",
  better: "larger" as const,
  defaults: { ...features, neighbour: 5 },
  settings: record({ ...featureSettings, neighbour: whole() }),
  needs: needsFeatures,
  create: async ({ neighbour, ...settings }, inputs: MetricInputs) =>
    prdcOf({ ...(await openFeatures("prdc", settings, inputs)), neighbour }),
});

/** The Inception Score with an id and its default order. */
const scoreComponent = (id: string, shuffled: boolean) =>
  defineComponent({
    id,
    source: "https://arxiv.org/abs/1606.03498",
    better: "larger" as const,
    defaults: { extractor: features.extractor, splits: 10, shuffle: shuffled },
    settings: record({ extractor: reference, splits: whole(), shuffle: flag }),
    needs: ({ extractor }: { readonly extractor: Ref }, inputs: MetricInputs) =>
      inputs.extractorNeeds(extractor, "logits"),
    create: async ({ extractor, ...settings }, inputs: MetricInputs) =>
      inceptionScore({ extractor: await inputs.extractor(extractor), ...settings, ...networkOf(extractor) }),
  });

export const score = scoreComponent("is", true);
export const consecutiveScore = scoreComponent("is-consecutive", false);

export const swd = defineComponent({
  id: "swd",
  source: "https://arxiv.org/abs/1710.10196",
  better: "smaller" as const,
  defaults: {},
  create: (_, __: MetricInputs) => slicedWasserstein(),
});
