import * as tf from "@tensorflow/tfjs-core";
import { defineLayer } from "../contracts/layer.js";
import type { Key } from "../random/key.js";
import { fold } from "../random/key.js";
import type { BatchStatistics, BatchStatisticsOptions } from "./batch-norm.js";
import { batchNormalize, initialStatistics } from "./batch-norm.js";
import { classEmbedding } from "./class-vectors.js";
import { linear } from "./linear.js";

/** Classes and initial values of `conditionalBatchNorm`. */
export interface ConditionalBatchNormOptions extends BatchStatisticsOptions {
  /** Number of classes. */
  readonly classes: number;
  /**
   * Initial tables: `identity` for zeros, so that every class starts with the plain norm; `random` for those of a linear layer, for tables
   * that are spectrally normalised. Default: `identity`.
   */
  readonly start?: "identity" | "random";
}

/** One number per class and channel, `[classes, C]`. */
type Table = { readonly weight: tf.Tensor2D };

/** Parameters of `conditionalBatchNorm`: a scale and a shift per class, and the running statistics. */
export type ConditionalBatchNormParams = {
  readonly scale: Table;
  readonly shift: Table;
  readonly statistics: BatchStatistics;
};

/**
 * Batch normalisation with a scale and a shift per class c: y = (1 + scale[c]) (x - mean) / sqrt(variance + epsilon) + shift[c].
 * Shape: x `[B, H, W, C]`, with the labels `[B]` of the context.
 *
 * Source: de Vries et al. 2017, arXiv 1707.00683, section 3; Miyato and Koyama 2018, arXiv 1802.05637, appendix A.
 * @throws GanymedeError `invalid-argument` without labels.
 */
export function conditionalBatchNorm(options: ConditionalBatchNormOptions) {
  const { width, classes, start = "identity" } = options;
  const table = (key: Key): Table =>
    start === "identity"
      ? { weight: tf.zeros([classes, width]) }
      : linear({ inputs: classes, outputs: width, bias: false }).init(key);
  return defineLayer<ConditionalBatchNormParams, tf.Tensor4D, tf.Tensor4D>({
    init: (key) => ({
      scale: table(fold(key, "scale")),
      shift: table(fold(key, "shift")),
      statistics: initialStatistics(width),
    }),
    apply(params, x, context) {
      const of = ({ weight }: Table) =>
        tf.reshape(classEmbedding(weight, context, "conditionalBatchNorm"), [-1, 1, 1, width]); // [B, 1, 1, C]
      const normal = batchNormalize(params.statistics, x, context, options);
      return tf.add(tf.mul(normal, tf.add(of(params.scale), 1)), of(params.shift));
    },
  });
}
