import type { Backend, GraphProfile, OperatorTime, Profiler, Registry } from "@ganymede/core";
import { fillDraw, GanymedeError, key } from "@ganymede/core";
import type { BackendOption, ModelChoice, RealBatch, Trainer } from "@ganymede/training";
import { createModel, overrideModel, parseOverride, selectBackend } from "@ganymede/training";
import { startBackend, trainerFor } from "@ganymede/training/node";
import { openPreset } from "../config/preset-file.js";
import { loadPlugins } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import { formatTable } from "../output/table.js";
import type { SharedOptions } from "./shared-options.js";

export interface BenchOptions extends SharedOptions, BackendOption {
  readonly batch: number | undefined;
  readonly steps: number;
  readonly set: readonly string[];
  readonly profile: boolean;
}

/** What `auto` chooses is what a long training would get. */
const endless = { steps: Number.POSITIVE_INFINITY, seconds: Number.POSITIVE_INFINITY };

/** Untimed iterations first: compilation, caches, memory. */
const warmUps = 2;

/** Random images, with random classes if the model has classes. */
function randomBatch(registry: Registry, choice: ModelChoice, images: number): RealBatch {
  const { imageShape, classes } = createModel(registry, choice);
  const shape = [images, ...imageShape] as const;
  const values = new Float32Array(shape.reduce((product, length) => product * length, 1));
  fillDraw(values, { kind: "uniform", low: -1, high: 1 }, key(1));
  if (classes === undefined) return { images: values, shape };
  const labels = new Int32Array(images);
  fillDraw(labels, { kind: "integers", low: 0, high: classes }, key(2));
  return { images: values, shape, labels };
}

/** Milliseconds per iteration, warm-up included; losses are read each time, so that all work is done. */
async function timeIterations(trainer: Trainer, batch: RealBatch, count: number): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    await trainer.advance(batch, true);
    times.push(performance.now() - start);
  }
  return times;
}

/** Sums the last runs of the graphs that ran in every iteration. */
export function operatorsOfIteration(graphs: readonly GraphProfile[], iterations: number): readonly OperatorTime[] {
  const sums = new Map<string, OperatorTime>();
  for (const { operators } of graphs.filter(({ runs }) => runs >= iterations)) {
    for (const { operator, milliseconds, calls } of operators) {
      const before = sums.get(operator) ?? { milliseconds: 0, calls: 0 };
      sums.set(operator, {
        operator,
        milliseconds: before.milliseconds + milliseconds,
        calls: before.calls + calls,
      });
    }
  }
  return [...sums.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}

/** @throws GanymedeError `unsupported` if the backend has no profiler. */
async function startProfiled(
  registry: Registry,
  { backend: wanted, threads }: BackendOption,
): Promise<{ backend: Backend; profiler: Profiler }> {
  let profiler: Profiler | undefined;
  const profiling = (backend: Backend): Backend => ({
    ...backend,
    ...(backend.withThreads && { withThreads: (count) => profiling(backend.withThreads!(count)) }),
    async activate() {
      profiler = await backend.activateProfiled?.();
    },
  });
  const backend = await selectBackend(registry.list("backends").map(profiling), wanted, () => undefined, {
    threads,
    training: endless,
  });
  if (profiler === undefined) {
    throw new GanymedeError(
      "unsupported",
      `--profile: the backend must have a profiler, but "${backend.id}" has none; choose another with --backend, such as onnx`,
    );
  }
  return { backend, profiler };
}

/** Times training iterations of a preset and reports where the time is spent. */
export async function benchCommand(presetId: string, options: BenchOptions, context: CommandContext): Promise<number> {
  const { terminal } = context;
  const loaded = await loadPlugins(context.builtIn, { ...options, cwd: context.cwd }, presetId);
  const { known, choice: preset } = await openPreset(loaded, presetId, context.cwd);
  const { registry } = known;
  const batchSetting = options.batch === undefined ? [] : [{ path: ["training", "batch"], value: options.batch }];
  const choice = overrideModel(registry, preset, [...options.set.map((text) => parseOverride(text)), ...batchSetting]);
  const profiled = options.profile ? await startProfiled(registry, options) : null;
  const backend = profiled?.backend ?? (await startBackend(registry, options, terminal, endless));
  const trainer = await trainerFor(registry, { ...choice, seed: 0 }, null);
  const batch = randomBatch(registry, choice, trainer.images);
  const times = await timeIterations(trainer, batch, warmUps + options.steps);
  trainer.dispose();

  const timed = times.slice(warmUps).sort((a, b) => a - b);
  const median = ((timed[(timed.length - 1) >> 1] as number) + (timed[timed.length >> 1] as number)) / 2;
  const result = {
    preset: choice.preset,
    backend: backend.id,
    batch: choice.training.batch,
    first_ms: times[0] as number,
    median_ms: median,
    fastest_ms: timed[0] as number,
    slowest_ms: timed.at(-1) as number,
    images_per_second: (trainer.images * 1000) / median,
    peak_mb: process.resourceUsage().maxRSS / 1024,
  };
  const operators = profiled === null ? [] : operatorsOfIteration(await profiled.profiler.finish(), options.steps);
  if (options.json) {
    terminal.out(JSON.stringify(profiled === null ? result : { ...result, operators }));
    return 0;
  }
  const head = ["preset", "backend", "batch", "first ms", "median ms", "fastest", "slowest", "images/s", "peak MB"];
  const { preset: name, backend: id, batch: size, ...numbers } = result;
  const cells = Object.values(numbers).map((value) => value.toFixed(value < 100 ? 1 : 0));
  for (const line of formatTable(head, [[name, id, String(size), ...cells]])) terminal.out(line);
  if (profiled !== null) {
    const all = operators.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const rows = operators.map(({ operator, milliseconds, calls }) => [
      operator,
      milliseconds.toFixed(1),
      `${((100 * milliseconds) / all).toFixed(1)} %`,
      String(calls),
    ]);
    terminal.out("");
    for (const line of formatTable(["operator", "ms", "share", "calls"], rows)) terminal.out(line);
  }
  return 0;
}
