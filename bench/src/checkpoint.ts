import { mkdtemp, rm } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import type { ParamTree } from "@ganymede/core";
import { compile, disposeTree, fold, key, mapLeaves, uniform } from "@ganymede/core";
import { treeEntries } from "@ganymede/core/checkpoint";
import { vitganFamily } from "@ganymede/models-vitgan";
import type { RunConfig } from "@ganymede/training";
import { advance, createTrainStep } from "@ganymede/training";
import { checkpointWriter, diskFiles, saveCheckpoint } from "@ganymede/training/node";
import * as tf from "@tensorflow/tfjs-core";
import { backendOf } from "./backend-of.js";

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1] as number;

const threads = Math.max(1, cpus().length);
const id = "vitgan-cifar10";

/**
 * What a checkpoint costs training: how long it waits when the thread writes and when it writes itself, against a step and the 100 steps between two
 * checkpoints, and how much steps slow down beside a write. The state is that of the preset, on the compiled engine.
 */
export async function benchCheckpoint(rounds: number, batch: number, log: (text: string) => void): Promise<void> {
  await backendOf({ backend: "onnx", threads }).activate();
  const family = vitganFamily;
  const preset = family.presets.find((each) => each.id === id)!;
  const training = { ...preset.training, batch };
  const model = family.create(preset.model);
  const train = createTrainStep(model, training);
  const step = compile(train.step, { weights: [0] });
  let state = train.init(key(1));
  const real = uniform<tf.Rank.R4>(key(2), [train.images, ...model.imageShape], -1, 1);
  let index = 0;
  const timed = async (run: () => Promise<unknown>): Promise<number> => {
    const start = performance.now();
    await run();
    return performance.now() - start;
  };
  const iterate = () =>
    timed(async () => {
      const next = await advance(state, (now) => step(now, real, fold(key(3), index), train.phase(index)));
      for (const value of Object.values(next.report)) {
        await value.data();
        value.dispose();
      }
      state = next.state;
      index += 1;
    });
  const config: RunConfig = {
    format: 1,
    family: family.id,
    preset: id,
    model: preset.model,
    training,
    data: null,
    seed: 0,
    backend: { id: "onnx", device: "cpu" },
    every: { log: 10, sample: 500, checkpoint: 100 },
    plugins: [],
    changes: [],
    versions: { "@ganymede/core": "0.0.0" },
  };
  const folder = await mkdtemp(join(tmpdir(), "ganymede-bench-"));
  log(`${cpus()[0]?.model}, ${cpus().length} cores; ${id} at batch ${batch}, medians of ${rounds} rounds`);
  const options = (tree: ParamTree) => ({ step: index, config, keep: 1, entries: treeEntries(tree) });
  try {
    for (let i = 0; i < 3; i++) await iterate();
    const writer = checkpointWriter(diskFiles, join(folder, "thread"));
    // The thread starts with its first checkpoint, and memory is touched for the first time.
    await (await writer.save(options(state))).written;
    const [steps, pauses, waits, beside]: number[][] = [[], [], [], []];
    for (let round = 0; round < rounds; round++) {
      steps!.push(await iterate());
      let written = Promise.resolve();
      let held: ParamTree = {};
      pauses!.push(
        await timed(async () => {
          held = mapLeaves(state, (leaf) => tf.clone(leaf));
          ({ written } = await writer.save(options(held)));
        }),
      );
      beside!.push(await iterate());
      await written;
      disposeTree(held);
      waits!.push(await timed(() => saveCheckpoint(diskFiles, join(folder, "plain"), options(state))));
    }
    await writer.close();
    const bytes = treeEntries(state).reduce((sum, { shape }) => sum + 4 * shape.reduce((a, b) => a * b, 1), 0);
    const [plain, pause, wait, slow] = [steps!, pauses!, waits!, beside!].map(median) as [
      number,
      number,
      number,
      number,
    ];
    const share = (ms: number, of: number) => `${((100 * ms) / of).toFixed(2)} %`;
    const shares = (ms: number) =>
      `${ms.toFixed(1)} ms: ${share(ms, plain)} of a step, ${share(ms, 100 * plain)} of 100 steps`;
    log(
      `state ${(bytes / 2 ** 20).toFixed(0)} MiB, a step ${plain.toFixed(0)} ms, beside a write ${slow.toFixed(0)} ms`,
    );
    log(`pause while a thread writes: ${shares(pause)}`);
    log(`pause where training writes: ${shares(wait)}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
