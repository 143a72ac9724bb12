import { type Extractor, expectPixels, GanymedeError, type Metric } from "@ganymede/core";
import { inceptionScoreOf } from "./inception-score.js";
import {
  appendFeatures,
  type FeatureList,
  featureRows,
  loadFeatureList,
  saveFeatureList,
  startFeatureList,
} from "./statistics/feature-list.js";

/** Extractor and splits of the Inception Score. */
export interface InceptionScoreOptions {
  /** Must have a classifier. */
  readonly extractor: Extractor;
  /** Name of the network in the id: `is-<network>`. Default: none, for the FID Inception network. */
  readonly network?: string;
  /** Number of splits. Default: 10, as in the paper. */
  readonly splits?: number;
  /** Shuffle the images, with torch-fidelity's fixed seed, before splitting. Default: true. */
  readonly shuffle?: boolean;
}

/** torch-fidelity's default `rng_seed`. */
const shuffleSeed = 2020;

/**
 * Inception Score of all generated images over 10 splits, from logits without the classifier's bias, as in the original code; id
 * `is`, or `is-consecutive` without shuffling, which is valid only for images in random order. Real images are not used.
 *
 * Source: Salimans et al. 2016, arXiv 1606.03498, section 4; shuffled as in torch-fidelity.
 */
export function inceptionScore(options: InceptionScoreOptions): Metric<FeatureList> {
  const { extractor, network, splits = 10, shuffle = true } = options;
  const { logits } = extractor;
  if (logits === undefined) {
    throw new GanymedeError(
      "unsupported",
      `is: the extractor must have a classifier, but ${extractor.id} has none; pass the complete file with --inception, or choose another extractor`,
    );
  }
  const { width } = logits;
  const id = [
    "is",
    ...(network === undefined ? [] : [network]),
    ...(shuffle ? [] : ["consecutive"]),
    ...(splits === 10 ? [] : [`${splits}splits`]),
  ].join("-");
  const statisticsId = `is of ${extractor.id}`;
  const order = shuffle ? `shuffled with torch-fidelity's seed ${shuffleSeed}` : "in their original order";
  return {
    id,
    source: "https://arxiv.org/abs/1606.03498",
    better: "larger",
    extractor: extractor.id,
    start: () => startFeatureList(width),
    async add(state, images, shape) {
      expectPixels(images, shape, id);
      appendFeatures(state, await logits.apply(images, shape));
    },
    finish: (_, generated) => {
      const seed = shuffle ? shuffleSeed : null;
      const { mean, deviation } = inceptionScoreOf(featureRows(generated), width, { splits, seed });
      return {
        id,
        value: mean,
        protocol: `all images, ${order}, in ${splits} splits`,
        details: { deviation, splits, generatedImages: generated.count },
      };
    },
    save: (state) => saveFeatureList(state, statisticsId),
    load: (bytes) => loadFeatureList(bytes, statisticsId, width),
  };
}
