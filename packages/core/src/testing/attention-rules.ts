import * as tf from "@tensorflow/tfjs-core";
import type { AttentionPart } from "../contracts/attention.js";
import type { Context } from "../contracts/layer.js";
import type { ObservedAttention } from "../contracts/observation.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { inference, training } from "../nn/context.js";
import { observingAttention } from "../nn/observe-attention.js";
import { key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";
import { leaves } from "../tree/tree.js";
import type { AttentionCase } from "./attention-case.js";
import { expectAllClose } from "./expect-all-close.js";
import { demand, fail } from "./fail.js";
import { purely } from "./purely.js";

const exact = { relative: 0, absolute: 0 };
const close = { relative: 1e-4, absolute: 1e-5 };

/** Whether two outputs differ by more than rounding. */
async function differ(a: tf.Tensor, b: tf.Tensor): Promise<boolean> {
  const [one, other] = [await a.data(), await b.data()];
  return one.some((value, i) => Math.abs(value - (other[i] as number)) > 1e-6);
}

/** Reports an exception under a complete context as a violation of that rule. */
function attempt(run: () => tf.Tensor, who: string): tf.Tensor {
  try {
    return run();
  } catch (error) {
    if (GanymedeError.is(error) && error.code === "nonconforming") throw error;
    fail(
      who,
      `it must accept a complete context, but throws ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** Checks that a complete context is accepted: nothing in it is changed or disposed, and numbers are drawn only from its key. */
export async function checkContext(
  tried: AttentionCase,
  params: ParamTree,
  draws: boolean,
  who: string,
): Promise<void> {
  const [labels, step] = [tf.tensor1d([0, 1], "int32"), tf.scalar(3)];
  const statistics = new Set(leaves(params).map(({ value }) => value));
  const update = (statistic: tf.Tensor) =>
    demand(statistics.has(statistic), who, "context.update must be called with a leaf of the layer's own parameters");
  const apply = (context: Context) => {
    const given = Object.freeze({ ...context, labels, step });
    const y = purely(() => attempt(() => tried.apply(params, tried.inputs, given), who), who);
    const kept = [labels, step, tried.inputs.x, tried.inputs.memory, ...statistics].every((value) => !value.isDisposed);
    demand(kept, who, "inputs, parameters and the context are borrowed, but it disposes some");
    return y;
  };
  const train = (seed: number) => apply({ ...training(key(seed)), update });
  await expectAllClose(apply(inference), apply(inference), exact, `${who}: sampled twice`);
  const first = train(5);
  await expectAllClose(train(5), first, exact, `${who}: trained twice with one key`);
  demand((await first.data()).every(Number.isFinite), who, "the output must be finite in training");
  const follows = await differ(first, train(7));
  demand(
    follows === draws,
    who,
    draws
      ? "it must draw from the context's key in training, but another key gives the same output"
      : "another key gives another output in training; pass draws: true for a variant that draws",
  );
}

/** Perturbs a token of a sample, or all of the sample for null. */
function nudged(x: tf.Tensor, sample: number, token: number | null): tf.Tensor {
  const [batch, ...shape] = x.shape as [number, ...number[]];
  const tokens = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const marks = Float32Array.from({ length: batch * tokens }, (_, place) => {
    const here = Math.floor(place / tokens) === sample && (token === null || place % tokens === token);
    return here ? 1 : 0;
  });
  return tf.add(x, tf.reshape(tf.tensor1d(marks), [batch, ...shape.slice(0, -1), 1]));
}

/** Checks that tokens of one image influence each other, and never those of another image. */
export async function checkReach(tried: AttentionCase, role: AttentionPart["role"], params: ParamTree, who: string) {
  const { inputs } = tried;
  const y = tried.apply(params, inputs, inference);
  const [batch, ...shape] = y.shape as [number, ...number[]];
  const rows = (value: tf.Tensor) => tf.reshape(value, [batch, -1, shape.at(-1) as number]);
  // A token's own output changes with it in any case, if it has one.
  const ownOutput = role !== "cross" && role !== "set";
  const source = role === "cross" ? inputs.memory : inputs.x;
  const tokens = source.shape.slice(1, -1).reduce((product, size) => product * size, 1);
  let reaches = false;
  for (let token = 0; token < tokens && !reaches; token++) {
    const moved = nudged(source, 0, token);
    const z = rows(
      tried.apply(
        params,
        role === "cross" ? { ...inputs, memory: moved as tf.Tensor3D } : { ...inputs, x: moved },
        inference,
      ),
    );
    const others = (value: tf.Tensor) =>
      ownOutput
        ? tf.concat([tf.slice(value, [0, 0, 0], [-1, token, -1]), tf.slice(value, [0, token + 1, 0])], 1)
        : value;
    reaches = await differ(others(z), others(rows(y)));
  }
  demand(reaches, who, "no token influences another; attention must mix tokens");
  const image = { x: nudged(inputs.x, 1, null), memory: nudged(inputs.memory, 1, null) as tf.Tensor3D };
  const first = (value: tf.Tensor) => tf.slice(rows(value), [0, 0, 0], [1, -1, -1]);
  const apart = `${who}: the images of a batch must not influence one another`;
  await expectAllClose(first(tried.apply(params, image, inference)), first(y), close, apart);
}

/** Checks that an observer gets the weights, or the row of any query, and does not change the result. */
export async function checkObservation(tried: AttentionCase, params: ParamTree, who: string): Promise<void> {
  const seen: ObservedAttention[] = [];
  const observing = observingAttention(inference, (attention) => seen.push(attention));
  const y = tried.apply(params, tried.inputs, observing);
  await expectAllClose(y, tried.apply(params, tried.inputs, inference), exact, `${who}: observed`);
  demand(seen.length > 0, who, "it must report its weights to context.observe, see observeWeights and observeRows");
  for (const { heads, queries, keys, weights, row } of seen) {
    for (const query of [0, queries - 1]) {
      const values = row(query);
      const fits = values.rank === 3 && values.shape[1] === heads && values.shape[2] === keys;
      demand(fits, who, `the observed row of a query must be [B, ${heads}, ${keys}], got [${values.shape.join(", ")}]`);
      demand((await values.data()).every(Number.isFinite), who, "observed weights must be finite");
      if (weights === undefined) continue;
      const own = tf.reshape(tf.slice4d(weights, [0, 0, query, 0], [-1, -1, 1, -1]), values.shape);
      await expectAllClose(
        values,
        own,
        close,
        `${who}: the observed row of query ${query} must equal that of the weights`,
      );
    }
  }
}
