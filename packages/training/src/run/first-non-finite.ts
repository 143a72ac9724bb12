import type { Context, LabelledImages, Observe, ParamTree } from "@ganymede/core";
import { key, normal, training } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { TrainState, TrainStep } from "./step-adapter.js";

type State = Pick<
  TrainState,
  "step" | "generator" | "generatorWeightState" | "discriminator" | "discriminatorWeightState"
>;

const finite = (x: tf.Tensor): tf.Tensor => tf.all(tf.isFinite(x));

/** Runs a network and returns the path of the first layer, in execution order, whose output is not finite. */
async function firstBroken(run: (observe: Observe) => tf.Tensor): Promise<{ output: tf.Tensor; path: string | null }> {
  const outputs: { readonly path: string; readonly finite: tf.Tensor }[] = [];
  const output = tf.tidy(() =>
    run((name, value, path) => {
      if (name !== "output") return;
      outputs.push({ path: path.join("."), finite: tf.keep(tf.tidy(() => finite(value as tf.Tensor))) });
    }),
  );
  let path: string | null = null;
  for (const each of outputs) {
    if (path === null && (await each.finite.data())[0] === 0) path = each.path;
    each.finite.dispose();
  }
  const whole = tf.tidy(() => finite(output));
  // A network without named parts reports nothing.
  if (path === null && (await whole.data())[0] === 0) path = "";
  whole.dispose();
  return { output, path };
}

/**
 * Finds the layer that produces the first non-finite value when the networks run on a batch: the generator, then the discriminator on
 * real and on generated images. Null if all outputs are finite, so that a gradient or a term is the cause.
 */
export async function firstNonFinite(
  { parts }: Pick<TrainStep<ParamTree, ParamTree>, "parts">,
  state: State,
  { images, labels }: LabelledImages,
): Promise<string | null> {
  const { model, generatorWeights, discriminatorWeights } = parts;
  const context: Context = { ...training(key(0), { step: state.step }), ...(labels && { labels }) };
  const z = normal<tf.Rank.R2>(key(1), [images.shape[0], model.latentSize]);
  const named = (network: string, path: string) => (path === "" ? network : `${network}.${path}`);
  const generated = await firstBroken((observe) =>
    model.generator.apply(generatorWeights.apply(state.generator, state.generatorWeightState), z, {
      ...context,
      observe,
    }),
  );
  z.dispose();
  try {
    if (generated.path !== null) return named("generator", generated.path);
    for (const judged of [images, generated.output]) {
      const { output, path } = await firstBroken((observe) =>
        model.discriminator.apply(
          discriminatorWeights.apply(state.discriminator, state.discriminatorWeightState),
          judged as tf.Tensor4D,
          { ...context, observe },
        ),
      );
      output.dispose();
      if (path !== null) return named("discriminator", path);
    }
    return null;
  } finally {
    generated.output.dispose();
  }
}
