import type { Context, ParamTree, Registry } from "@ganymede/core";
import { disposeTree, fold, inference, key } from "@ganymede/core";
import { toBytes } from "@ganymede/data";
import type { AttentionMaps, ChooseRows, TrainState } from "@ganymede/training";
import { attentionMaps, createModel, createTrainStep, drawSources, restoreState } from "@ganymede/training";
import { openCheckpoint } from "@ganymede/training/node";
import * as tf from "@tensorflow/tfjs-core";

export interface NetworkRun {
  /** Generated images as bytes, `[count, H, W, C]`. */
  readonly images: Uint8Array;
  readonly imageShape: readonly [number, number, number];
  /** Layers in execution order. */
  readonly layers: readonly AttentionMaps[];
}

export interface NetworkRunOptions {
  readonly seed: number;
  readonly count: number;
  /** The network to observe: the generator's EMA, or the discriminator on its images. */
  readonly network: "generator" | "discriminator";
}

const parts = ["average", "generatorWeightState", "discriminator", "discriminatorWeightState"] as const;

type Parts = Pick<TrainState, (typeof parts)[number]>;

/** A network of a checkpoint whose attention can be read. */
export interface OpenedNetwork {
  /** Generates the images and reads the chosen rows of each layer. */
  run(choose: ChooseRows): Promise<NetworkRun>;
  dispose(): void;
}

/** Opens the networks of a checkpoint: the generator's EMA, and the discriminator if it is the one to observe. */
export async function openNetwork(
  registry: Registry,
  place: string,
  options: NetworkRunOptions,
): Promise<OpenedNetwork> {
  const { seed, count, network } = options;
  const { config, tensors, path } = await openCheckpoint(place);
  const model = createModel(registry, config);
  const train = createTrainStep<ParamTree, ParamTree>(model, config.training, registry);
  const state: Parts = await restoreState(train, parts, fold(key(config.seed), "train"), { tensors, file: path });
  const { values, labels } = drawSources(model, { seed, truncation: undefined, class: undefined }, 0, count);
  const z = tf.tensor2d(values, [count, model.latentSize]);
  const classes = labels === undefined ? null : tf.tensor1d(labels, "int32");
  const conditions: Context = classes === null ? inference : { ...inference, labels: classes };
  return {
    async run(choose) {
      const isGenerator = network === "generator";
      const drawn = await attentionMaps(
        (observe) => train.sample(state, z, classes, observe),
        isGenerator ? choose : () => [],
      );
      const judge = () =>
        attentionMaps((observe) => {
          const params = train.parts.discriminatorWeights.apply(state.discriminator, state.discriminatorWeightState);
          return model.discriminator.apply(params, drawn.output, { ...conditions, observe });
        }, choose);
      const { output, maps } = isGenerator ? drawn : await judge();
      const images = toBytes((await drawn.output.data()) as Float32Array);
      tf.dispose([drawn.output, output]);
      return { images, imageShape: model.imageShape, layers: maps };
    },
    dispose() {
      tf.dispose([z, classes ?? []]);
      disposeTree(state);
    },
  };
}
