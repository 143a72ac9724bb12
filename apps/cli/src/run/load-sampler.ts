import type { CheckpointTensor, ParamTree, TrainState } from "@ganymede/core";
import { compile, createTrainStep, disposeTree, fold, loadTree } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Trainer, TrainerOptions } from "./trainer.js";

/** The averaged generator of a checkpoint; rows of numbers in, rows of numbers out. */
export interface LoadedSampler extends Pick<Trainer, "model" | "sample" | "dispose"> {
  /** Styles w of latents `[count, latentSize]`, and images of styles; absent where the model has no w. */
  readonly styles?: {
    of(z: Float32Array, count: number): Promise<Float32Array>;
    draw(w: Float32Array, count: number): Promise<Float32Array>;
  };
}

/** Runs a compiled function on rows and reads what it gives. */
async function onRows(
  run: (rows: tf.Tensor2D) => Promise<tf.Tensor>,
  values: Float32Array,
  count: number,
): Promise<Float32Array> {
  const rows = tf.tensor2d(values, [count, values.length / count]);
  const out = await run(rows);
  const read = (await out.data()) as Float32Array;
  tf.dispose([rows, out]);
  return read;
}

/**
 * The generator of a checkpoint, for sampling only: its moving average and nothing else is loaded.
 *
 * @throws GanymedeError `invalid-checkpoint` when the checkpoint is of another model.
 */
export function loadSampler(
  options: Omit<TrainerOptions, "resume">,
  tensors: ReadonlyMap<string, CheckpointTensor>,
  file: string,
): LoadedSampler {
  const { model } = options;
  const train = createTrainStep<ParamTree, ParamTree>(model, options.training, options.choices);
  const fresh = train.init(fold(options.key, "init"));
  const wanted = new Map([...tensors].filter(([name]) => /^(average|generatorVectors)\./.test(name)));
  const { average, generatorVectors } = fresh;
  let state: Pick<TrainState, "average" | "generatorVectors">;
  try {
    state = loadTree({ average, generatorVectors }, wanted, file);
  } finally {
    disposeTree(fresh);
  }
  const sample = compile(train.sample);
  const of = train.styles && compile(train.styles.of);
  const draw = train.styles && compile(train.styles.draw);
  return {
    model,
    sample: (z, count) => onRows((rows) => sample(state, rows), z, count),
    ...(of !== undefined &&
      draw !== undefined && {
        styles: {
          of: (z: Float32Array, count: number) => onRows((rows) => of(state, rows), z, count),
          draw: (w: Float32Array, count: number) => onRows((rows) => draw(state, rows), w, count),
        },
      }),
    dispose: () => disposeTree(state),
  };
}
