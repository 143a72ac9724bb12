import { compile } from "@ganymede/core";
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

type Tensors = Record<string, tf.Tensor>;

/** Applies a function of tensors by name, operation by operation or compiled as a whole. */
type Evaluate = (fn: (tensors: Tensors) => Tensors, tensors: Tensors) => Promise<Tensors>;

const eagerly: Evaluate = async (fn, tensors) => fn(tensors);
const asWhole: Evaluate = (fn, tensors) => compile(fn)(tensors);

async function outputsOf(file: GoldenFile, adapter: Adapter, evaluate: Evaluate): Promise<Outputs> {
  const numbers: Record<string, ArrayLike<number>> = {};
  // Inputs are arguments: a function of constants alone would be computed while it is compiled.
  const inputs = [...file.tensors.keys()].filter((name) => !file.outputs.includes(name));
  const tensors = await evaluate(
    (given) => {
      const made: Tensors = {};
      for (const [name, value] of Object.entries(adapter(view(file, new Map(Object.entries(given)))))) {
        if (value instanceof tf.Tensor) made[name] = value;
        else numbers[name] = value;
      }
      return made;
    },
    evaluate === asWhole ? Object.fromEntries(inputs.map((name) => [name, toTensor(file, name)])) : {},
  );
  return { ...numbers, ...tensors };
}

async function compareOutputs(file: GoldenFile, adapter: Adapter, evaluate: Evaluate): Promise<Error_[]> {
  const outputs = await outputsOf(file, adapter, evaluate);
  const errors: Error_[] = [];
  for (const name of file.outputs) {
    const value = output(outputs, name);
    const ours = value instanceof tf.Tensor ? await value.data() : value;
    errors.push({ name, error: outputError(ours, stored(file, name).data) });
  }
  return errors;
}

/** Our gradients of a group, by name; one that does not depend on the output is zero. */
function gradientsOf(file: GoldenFile, adapter: Adapter, group: GradientGroup, given: Tensors): Tensors {
  const names = Object.keys(given);
  const sources = Object.values(given);
  const objective = () => {
    const replaced = new Map(names.map((name, index) => [group.wrt + name, sources[index] as tf.Tensor]));
    const of = output(adapter(view(file, replaced)), group.of) as tf.Tensor;
    if (group.cot === undefined) return tf.mul(tf.mean(of), group.scale ?? 1);
    return tf.sum(tf.mul(of, tf.reshape(toTensor(file, group.cot), of.shape)));
  };
  const { grads } = tf.engine().gradients(objective, sources, undefined as never, true);
  return Object.fromEntries(
    grads.map((gradient, index) => [names[index]!, gradient ?? tf.zerosLike(sources[index] as tf.Tensor)]),
  );
}

async function compareGroup(
  file: GoldenFile,
  adapter: Adapter,
  group: GradientGroup,
  evaluate: Evaluate,
): Promise<Error_> {
  const names = gradientNames(file, group);
  const sources = Object.fromEntries(names.map((name) => [name, toTensor(file, group.wrt + name)]));
  const gradients = await evaluate((given) => gradientsOf(file, adapter, group, given), sources);
  const pairs = await Promise.all(
    names.map(async (name) => ({
      ours: await (gradients[name] as tf.Tensor).data(),
      theirs: stored(file, group.prefix + name).data,
    })),
  );
  return { name: `${group.prefix}*`, error: groupError(pairs) };
}

function worst(errors: readonly Error_[]): Error_ {
  return errors.reduce((most, next) => (next.error > most.error ? next : most), { name: "", error: 0 });
}

/**
 * Rebuilds the module of a file and compares outputs and gradients with the stored ones, on the current backend.
 *
 * @param compiled whether outputs and gradients are compiled as whole functions.
 */
export async function runGoldenFile(file: GoldenFile, compiled = false): Promise<GoldenResult> {
  const evaluate = compiled ? asWhole : eagerly;
  const base = { file: file.name, module: file.module };
  const adapter = adapters[file.module];
  if (adapter === undefined) return { ...base, status: "unknown", forward: 0, grad: 0 };
  tf.engine().startScope();
  try {
    const forward = worst(await compareOutputs(file, adapter, evaluate));
    const groups: Error_[] = [];
    for (const group of file.gradients) groups.push(await compareGroup(file, adapter, group, evaluate));
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
