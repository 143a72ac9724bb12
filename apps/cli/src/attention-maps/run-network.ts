import type { Context, ParamTree, Registry } from "@ganymede/core";
import { disposeTree, fold, inference, key } from "@ganymede/core";
import { toBytes } from "@ganymede/data";
import type { TrainState } from "@ganymede/training";
import { createModel, createTrainStep, drawSources, restoreState } from "@ganymede/training";
import { openCheckpoint } from "@ganymede/training/node";
import * as tf from "@tensorflow/tfjs-core";
import { recordSoftmax } from "./record-softmax.js";

export interface NetworkRun {
  /** The model's images as bytes, `[count, H, W, C]`. */
  readonly images: Uint8Array;
  readonly imageShape: readonly [number, number, number];
  /** Latents that its images attend to, where the model says so. */
  readonly components: number | undefined;
  /** Attention weights in the order of the layers; the caller disposes them. */
  readonly weights: readonly tf.Tensor[];
}

export interface NetworkRunOptions {
  readonly seed: number;
  readonly count: number;
  /** Whose attention: the averaged generator's, or the discriminator's on its images. */
  readonly network: "generator" | "discriminator";
}

const parts = ["average", "generatorVectors", "discriminator", "discriminatorVectors"] as const;

type Parts = Pick<TrainState, (typeof parts)[number]>;

/** Runs the averaged generator of a checkpoint once, and where it is asked for the discriminator, and keeps all attention weights. */
export async function runNetwork(registry: Registry, place: string, options: NetworkRunOptions): Promise<NetworkRun> {
  const { config, tensors, path } = await openCheckpoint(place);
  const model = createModel(registry, config);
  const train = createTrainStep<ParamTree, ParamTree>(model, config.training, registry);
  const state: Parts = await restoreState(train, parts, fold(key(config.seed), "train"), { tensors, file: path });
  const { values, labels } = drawSources(
    model,
    { seed: options.seed, truncation: undefined, class: undefined },
    0,
    options.count,
  );
  const z = tf.tensor2d(values, [options.count, model.latentSize]);
  const classes = labels === undefined ? null : tf.tensor1d(labels, "int32");
  const drawn = recordSoftmax(() => train.sample(state, z, classes));
  let { weights } = drawn;
  if (options.network === "discriminator") {
    tf.dispose([...weights]);
    const context: Context = classes === null ? inference : { ...inference, labels: classes };
    const judged = recordSoftmax(() => {
      const params = train.parts.discriminatorWeights.apply(state.discriminator, state.discriminatorVectors);
      return model.discriminator.apply(params, drawn.result, context);
    });
    tf.dispose(judged.result);
    weights = judged.weights;
  }
  const images = toBytes((await drawn.result.data()) as Float32Array);
  tf.dispose([drawn.result, z, classes ?? []]);
  disposeTree(state);
  return { images, imageShape: model.imageShape, components: model.styles?.components?.count, weights };
}
