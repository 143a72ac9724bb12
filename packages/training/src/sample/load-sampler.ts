import type { Context, Observe, ParamTree } from "@ganymede/core";
import { compile, disposeTree, fold, inference, key } from "@ganymede/core";
import type { StoredTensor } from "@ganymede/core/checkpoint";
import * as tf from "@tensorflow/tfjs-core";
import type { TrainState, TrainStep } from "../run/step-adapter.js";
import { createTrainStep, drawnStanding, standingStatistics } from "../run/step-adapter.js";
import type { Trainer, TrainerOptions } from "../run/trainer.js";
import { labelTensor } from "../run/trainer.js";
import { restoreState } from "./restore-state.js";

/** The generator's EMA of a checkpoint as functions of plain arrays. */
export interface LoadedSampler extends Pick<Trainer, "model" | "sample" | "dispose"> {
  /** The generator as a function of tensors, for tracing. */
  draw(z: tf.Tensor2D, labels: tf.Tensor1D | null, observe?: Observe): tf.Tensor4D;
  /** The mapping and synthesis networks as functions of arrays; absent if the model has no styles w. */
  readonly styles?: StyleRows & {
    /** The same with one style per layer, `count` layers concatenated in each row; absent if one w serves all layers. */
    readonly layers?: StyleRows & { readonly count: number };
  };
}

/** A function of `count` rows, with classes if the model has them. */
export type OnRows = (values: Float32Array, count: number, labels?: Int32Array) => Promise<Float32Array>;

/** The mapping and synthesis networks of a generator. */
export interface StyleRows {
  readonly mapping: OnRows;
  readonly synthesis: OnRows;
}

type Networks = Pick<TrainStep<ParamTree, ParamTree>["parts"], "model" | "generatorWeights">;

type Sampled = Pick<TrainState, "average" | "generatorWeightState">;

/** Compiles a function of rows and wraps it as a function of arrays. */
function onRows(
  state: Sampled,
  fn: (state: Sampled, rows: tf.Tensor2D, labels: tf.Tensor1D | null) => tf.Tensor,
): OnRows {
  const run = compile((from: Sampled, rows: tf.Tensor2D, labels: tf.Tensor1D | null) => fn(from, rows, labels));
  return async (values, count, labels) => {
    const rows = tf.tensor2d(values, [count, values.length / count]);
    const classes = labelTensor(labels);
    const out = await run(state, rows, classes);
    const read = (await out.data()) as Float32Array;
    tf.dispose([rows, out, classes ?? []]);
    return read;
  };
}

/** Mapping and synthesis with a style per layer, as functions of arrays. */
function layerRows({ model, generatorWeights }: Networks, state: Sampled): (StyleRows & { count: number }) | undefined {
  const layers = model.styles?.layers;
  if (layers === undefined) return undefined;
  const averaged = ({ average, generatorWeightState }: Sampled) =>
    generatorWeights.apply(average, generatorWeightState);
  const context = (labels: tf.Tensor1D | null): Context => (labels === null ? inference : { ...inference, labels });
  const [, count, width] = tf.tidy(() => {
    const labels = model.classes === undefined ? null : (tf.zeros([1], "int32") as tf.Tensor1D);
    return layers.mapping(averaged(state), tf.zeros([1, model.latentSize]), context(labels)).shape;
  });
  return {
    count,
    mapping: onRows(state, (from, z, labels) => layers.mapping(averaged(from), z as tf.Tensor2D, context(labels))),
    synthesis: onRows(state, (from, rows, labels) =>
      layers.synthesis(averaged(from), tf.reshape(rows, [rows.shape[0], count, width]), context(labels)),
    ),
  };
}

/** Number and size of the batches over which standing statistics are gathered. */
export interface Standing {
  readonly passes: number;
  readonly batch: number;
}

/** The state with standing statistics, the same in every call; frees what it replaces. */
async function withStanding(train: TrainStep<ParamTree, ParamTree>, state: Sampled, by: Standing): Promise<Sampled> {
  const from = fold(key(0), "standing statistics");
  const average = await standingStatistics(train, state, { ...by, key: from }).catch((error: unknown) => {
    disposeTree(state);
    throw error;
  });
  disposeTree(state.average);
  return { ...state, average };
}

/**
 * Loads the generator's EMA from a checkpoint, for sampling only; nothing else is loaded.
 *
 * @param standing gathers standing statistics. Default: the running statistics of training.
 * @throws GanymedeError `invalid-checkpoint` if the checkpoint belongs to another model; `unsupported` for standing statistics of a model
 *   without running statistics.
 */
export async function loadSampler(
  options: Omit<TrainerOptions, "resume">,
  tensors: ReadonlyMap<string, StoredTensor>,
  file: string,
  standing?: Standing,
): Promise<LoadedSampler> {
  const model = standing === undefined ? options.model : drawnStanding(options.model);
  const train = createTrainStep<ParamTree, ParamTree>(model, options.training, options.components);
  const loaded = await restoreState(train, ["average", "generatorWeightState"], options.key, { tensors, file });
  const state = standing === undefined ? loaded : await withStanding(train, loaded, standing);
  const { styles } = train;
  const layers = layerRows(train.parts, state);
  return {
    model,
    draw: (z, labels, observe) => train.sample(state, z, labels, observe),
    sample: onRows(state, (from, z, labels) => train.sample(from, z as tf.Tensor2D, labels)),
    ...(styles !== undefined && {
      styles: {
        mapping: onRows(state, styles.mapping),
        synthesis: onRows(state, styles.synthesis),
        ...(layers !== undefined && { layers }),
      },
    }),
    dispose: () => disposeTree(state),
  };
}
