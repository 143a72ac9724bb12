import { createInterface } from "node:readline";
import { onnxBackend } from "@ganymede/backend-onnx";
import type { ParamTree } from "@ganymede/core";
import {
  advance,
  compile,
  createPenalty,
  createTrainStep,
  diffAugment,
  fold,
  key,
  nonSaturating,
  uniform,
} from "@ganymede/core";
import { vitganFamily } from "@ganymede/models-vitgan";
import * as tf from "@tensorflow/tfjs-core";
import type { StepSettings } from "./step-settings.js";

/** Runs training iterations on one backend and times them, as a process of its own. */
async function main(): Promise<void> {
  const settings = JSON.parse(process.argv[2]!) as StepSettings;
  if (settings.backend === "onnx") await onnxBackend({ threads: settings.threads }).activate();
  else {
    await import("@tensorflow/tfjs-backend-wasm");
    await tf.setBackend(settings.backend);
  }
  const family = vitganFamily();
  const preset = family.presets.find(({ id }) => id === settings.preset)!;
  const training = {
    ...preset.training,
    batch: settings.batch,
    consistency: null,
    penalties: [{ kind: "r1", gamma: settings.gamma, every: 1 } as const],
  };
  const model = family.create(preset.model);
  const choices = {
    loss: nonSaturating,
    penalties: training.penalties.map(createPenalty),
    augmentation: diffAugment(),
  };
  const train = createTrainStep(model, training, choices);
  const step = compile(train.step);
  const runKey = key(1);
  let state = train.init(fold(runKey, "init"));
  const real = uniform<tf.Rank.R4>(fold(runKey, "real"), [settings.batch, ...model.imageShape], -1, 1);
  let index = 0;

  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { do: "steps"; count: number } | { do: "memory" };
    if (request.do === "memory") {
      console.log(JSON.stringify({ mb: process.resourceUsage().maxRSS / 1024 }));
      continue;
    }
    const ms: number[] = [];
    for (let i = 0; i < request.count; i++) {
      const start = performance.now();
      const next = await advance(state, (now) => step(now, real, fold(runKey, index), train.phase(index)));
      for (const value of Object.values(next.report) as tf.Scalar[]) {
        await value.data();
        value.dispose();
      }
      state = next.state as typeof state & ParamTree;
      index += 1;
      ms.push(performance.now() - start);
    }
    console.log(JSON.stringify({ ms }));
  }
}

await main();
