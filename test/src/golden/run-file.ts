import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden, Outputs } from "./adapter.js";
import { groupError, outputError } from "./errors.js";
import type { GoldenFile, GradientGroup } from "./golden-file.js";
import { gradientNames, stored } from "./golden-file.js";
import { adapters } from "./modules/index.js";

export interface GoldenResult {
  readonly file: string;
  readonly module: string;
  readonly status: "ok" | "FAIL" | "unknown";
  /** Worst relative error of the outputs. */
  readonly forward: number;
  /** Worst relative error of the gradients. */
  readonly grad: number;
  /** What is worst, or why the file could not be run. */
  readonly detail?: string;
}

interface Error_ {
  readonly name: string;
  readonly error: number;
}

function toTensor(file: GoldenFile, name: string): tf.Tensor {
  const { data, shape } = stored(file, name);
  const values = data instanceof Float64Array ? Float32Array.from(data) : data;
  return tf.tensor(values, [...shape], values instanceof Int32Array ? "int32" : "float32");
}

/** The file's tensors, some of them replaced by those that gradients are asked of. */
function view(file: GoldenFile, replaced: ReadonlyMap<string, tf.Tensor>): Golden {
  return {
    file,
    tensor: <T extends tf.Tensor>(name: string) => (replaced.get(name) ?? toTensor(file, name)) as T,
    constant: <T extends tf.Tensor>(name: string) => toTensor(file, name) as T,
    values: (name) => stored(file, name).data,
    has: (name) => file.tensors.has(name),
  };
}

function output(outputs: Outputs, name: string): tf.Tensor | ArrayLike<number> {
  const value = outputs[name];
  if (value === undefined) throw new Error(`the adapter computes no "${name}"`);
  return value;
}

async function compareOutputs(file: GoldenFile, adapter: Adapter): Promise<Error_[]> {
  const outputs = adapter(view(file, new Map()));
  const errors: Error_[] = [];
  for (const name of file.outputs) {
    const value = output(outputs, name);
    const ours = value instanceof tf.Tensor ? await value.data() : value;
    errors.push({ name, error: outputError(ours, stored(file, name).data) });
  }
  return errors;
}

/** Our gradients of a group, by name; one that does not depend on the output is zero. */
function gradientsOf(file: GoldenFile, adapter: Adapter, group: GradientGroup, names: readonly string[]): tf.Tensor[] {
  const sources = names.map((name) => toTensor(file, group.wrt + name));
  const objective = () => {
    const replaced = new Map(names.map((name, index) => [group.wrt + name, sources[index] as tf.Tensor]));
    const of = output(adapter(view(file, replaced)), group.of) as tf.Tensor;
    if (group.cot === undefined) return tf.mul(tf.mean(of), group.scale ?? 1);
    return tf.sum(tf.mul(of, tf.reshape(toTensor(file, group.cot), of.shape)));
  };
  const { grads } = tf.engine().gradients(objective, sources, undefined as never, true);
  return grads.map((gradient, index) => gradient ?? tf.zerosLike(sources[index] as tf.Tensor));
}

async function compareGroup(file: GoldenFile, adapter: Adapter, group: GradientGroup): Promise<Error_> {
  const names = gradientNames(file, group);
  const gradients = gradientsOf(file, adapter, group, names);
  const pairs = await Promise.all(
    names.map(async (name, index) => ({
      ours: await (gradients[index] as tf.Tensor).data(),
      theirs: stored(file, group.prefix + name).data,
    })),
  );
  return { name: `${group.prefix}*`, error: groupError(pairs) };
}

function worst(errors: readonly Error_[]): Error_ {
  return errors.reduce((most, next) => (next.error > most.error ? next : most), { name: "", error: 0 });
}

/** Rebuilds the module of a file and compares outputs and gradients with the stored ones, on the current backend. */
export async function runGoldenFile(file: GoldenFile): Promise<GoldenResult> {
  const base = { file: file.name, module: file.module };
  const adapter = adapters[file.module];
  if (adapter === undefined) return { ...base, status: "unknown", forward: 0, grad: 0 };
  tf.engine().startScope();
  try {
    const forward = worst(await compareOutputs(file, adapter));
    const groups: Error_[] = [];
    for (const group of file.gradients) groups.push(await compareGroup(file, adapter, group));
    const grad = worst(groups);
    const passes = forward.error <= file.forwardTolerance && grad.error <= file.gradientTolerance;
    const detail = [forward, grad].map(({ name, error }) => `${name} ${error.toExponential(1)}`).join(", ");
    const result = { ...base, forward: forward.error, grad: grad.error };
    return passes ? { ...result, status: "ok" } : { ...result, status: "FAIL", detail };
  } catch (error) {
    const infinite = { forward: Number.POSITIVE_INFINITY, grad: Number.POSITIVE_INFINITY };
    return { ...base, status: "FAIL", ...infinite, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    tf.engine().endScope();
  }
}
