import {
  addFeatures,
  densityCoverage,
  frechetDistance,
  inceptionScoreOf,
  kernelDistance,
  moments,
  pickRows,
  precisionRecall,
  type Rows,
  resizeBilinear,
  type Sampling,
  squaredDiscrepancy,
  startFeatureStatistics,
} from "@ganymede/metrics";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden, Outputs } from "../adapter.js";

interface MetricsConfig {
  readonly kid_degree: number;
  readonly kid_coef: number;
  readonly kid_seed: number;
  readonly kid_subsets: number;
  readonly kid_subset_size: number;
  readonly is_splits: number;
  readonly prc_k: number;
  readonly prdc_k: number;
  readonly resize_up: readonly [number, number];
  readonly resize_down: readonly [number, number];
}

/** Features `[count, dims]` of a file. */
function rows(golden: Golden, name: string): Rows {
  return { values: golden.values(name) as Float32Array, dims: golden.tensor(name).shape[1] as number };
}

function frechet(first: Rows, second: Rows): Outputs {
  const [a, b] = [first, second].map(({ values, dims }) => {
    const state = startFeatureStatistics(dims);
    addFeatures(state, values);
    return moments(state);
  }) as [ReturnType<typeof moments>, ReturnType<typeof moments>];
  const fid = [frechetDistance(a, b)];
  return { mu1: a.mean, sigma1: a.covariance, mu2: b.mean, sigma2: b.covariance, fid, fid_eig: fid };
}

function kernel(golden: Golden, first: Rows, second: Rows, config: MetricsConfig): Outputs {
  const { kid_seed: seed, kid_subsets: subsets, kid_subset_size: subsetSize } = config;
  const polynomial = { degree: config.kid_degree, offset: config.kid_coef };
  const [count, size] = golden.tensor("kid.subset1").shape as [number, number];
  const listed = (name: string, i: number) => golden.values(name).slice(i * size, (i + 1) * size);
  const discrepancies = Array.from({ length: count }, (_, i) => {
    const [a, b] = [pickRows(first, listed("kid.subset1", i)), pickRows(second, listed("kid.subset2", i))];
    return squaredDiscrepancy(a, b, polynomial);
  });
  const { mean } = kernelDistance(first, second, { seed, subsets, subsetSize }, polynomial);
  return { "kid.mmd2": discrepancies, [`kid.tf_mean_seed${seed}_${subsets}x${subsetSize}`]: [mean] };
}

function scores(golden: Golden, first: Rows, second: Rows, { is_splits, prc_k, prdc_k }: MetricsConfig): Outputs {
  const { values, dims } = rows(golden, "is.logits");
  const { mean, deviation } = inceptionScoreOf(values, dims, { splits: is_splits, seed: null });
  const { precision, recall } = precisionRecall(first, second, prc_k);
  const all = densityCoverage(first, second, prdc_k);
  return {
    [`is.mean_${is_splits}splits`]: [mean],
    [`is.std_${is_splits}splits`]: [deviation],
    [`prc.precision_fake2_real1_k${prc_k}`]: [precision],
    [`prc.recall_fake2_real1_k${prc_k}`]: [recall],
    [`prdc.k${prdc_k}`]: [all.precision, all.recall, all.density, all.coverage],
  };
}

function resizes(golden: Golden, { resize_up, resize_down }: MetricsConfig): Outputs {
  const images = tf.transpose(golden.tensor("resize.x"), [0, 2, 3, 1]) as tf.Tensor4D;
  const resize = ([height, width]: readonly [number, number], sampling: Sampling) =>
    tf.transpose(resizeBilinear(images, height, width, sampling), [0, 3, 1, 2]);
  return {
    [`resize.tf1_${resize_up.join("x")}`]: resize(resize_up, "tensorflow-1"),
    [`resize.torch_${resize_up.join("x")}`]: resize(resize_up, "half-pixel"),
    [`resize.tf1_down_${resize_down.join("x")}`]: resize(resize_down, "tensorflow-1"),
  };
}

export const metrics: Adapter = (golden) => {
  const config = golden.file.config as unknown as MetricsConfig;
  const [first, second] = [rows(golden, "feat1"), rows(golden, "feat2")];
  return {
    ...frechet(first, second),
    ...kernel(golden, first, second, config),
    ...scores(golden, first, second, config),
    ...resizes(golden, config),
  };
};
