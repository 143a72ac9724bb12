import { onnxBackend } from "@ganymede/backend-onnx";
import { tensorflowBackend } from "@ganymede/backend-tensorflow";
import { wasmBackend } from "@ganymede/backend-wasm";
import { webgpuBackend } from "@ganymede/backend-webgpu";
import type { Backend } from "@ganymede/core";
import { compile, fold, key, uniform } from "@ganymede/core";
import { vitganFamily } from "@ganymede/models-vitgan";
import { advance, createTrainStep } from "@ganymede/training";
import type * as tf from "@tensorflow/tfjs-core";
import type { StepSettings } from "./step-settings.js";

/** A backend of the step benchmark. */
export function backendOf({ backend, threads }: Pick<StepSettings, "backend" | "threads">): Backend {
  switch (backend) {
    case "onnx":
      return onnxBackend({ threads });
    case "onnx-webgpu":
      return onnxBackend({ threads, provider: "webgpu" });
    case "onnx-cuda":
      return onnxBackend({ threads, provider: "cuda" });
    case "webgpu":
      return webgpuBackend();
    case "wasm":
      return wasmBackend();
    case "tensorflow":
      return tensorflowBackend();
  }
}

/** Sets up a training run on random images; each call of the result is one full iteration and gives its milliseconds. */
export async function startIterations(settings: StepSettings): Promise<() => Promise<number>> {
  await backendOf(settings).activate();
  const { precision = "float32" } = settings;
  const family = vitganFamily;
  const preset = family.presets.find(({ id }) => id === settings.preset)!;
  const training = {
    ...preset.training,
    batch: settings.batch,
    discriminatorTerms: [{ id: "r1", gamma: settings.gamma }],
    generatorTerms: [],
    augmentation: "diffaugment",
    precision,
  };
  const model = family.create(preset.model);
  const train = createTrainStep(model, training);
  const step = compile(train.step, { precision, weights: [0] });
  const runKey = key(1);
  let state = train.init(fold(runKey, "init"));
  const real = uniform<tf.Rank.R4>(fold(runKey, "real"), [settings.batch, ...model.imageShape], -1, 1);
  let index = 0;
  return async () => {
    const start = performance.now();
    const next = await advance(state, (now) => step(now, real, fold(runKey, index), train.phase(index)));
    for (const value of Object.values(next.report)) {
      await value.data();
      value.dispose();
    }
    state = next.state;
    index += 1;
    return performance.now() - start;
  };
}
