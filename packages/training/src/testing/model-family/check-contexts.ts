import type { AttentionVariant, Context, Layer, ModelFamily, ParamTree } from "@ganymede/core";
import { defineLayer, fold, key, normal, training } from "@ganymede/core";
import { demand, fail } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";

/** Wraps a variant to record the context of every application. */
function listening(variant: AttentionVariant, heard: Context[]): AttentionVariant {
  const create = (settings: never, options: never) => {
    const layer = variant.create(settings, options) as unknown as Layer<ParamTree, unknown, tf.Tensor>;
    const apply = (params: ParamTree, input: unknown, context: Context) => {
      heard.push(context);
      return layer.apply(params, input, context);
    };
    return { ...layer, ...defineLayer({ init: layer.init, apply }) };
  };
  // A variant is a function with members.
  return { ...variant, create } as unknown as AttentionVariant;
}

/**
 * Checks that every attention layer gets a complete context: the mode, a unique key, the labels and the step. Without them, dropout, noise
 * and schedules silently do nothing.
 *
 * @param attentions those that the config may name, such as `attention().attentions`.
 */
export function checkContexts<Config>(
  family: ModelFamily<Config>,
  config: Config,
  attentions: readonly AttentionVariant[],
  who: string,
): void {
  const heard: Context[] = [];
  const parts = { attentions: attentions.map((variant) => listening(variant, heard)) };
  const model = family.create(config, parts);
  const [height, width, channels] = model.imageShape;
  tf.tidy(() => {
    const labels = model.classes === undefined ? {} : { labels: tf.zeros([2], "int32") as tf.Tensor1D };
    const conditions = { ...labels, step: tf.scalar(3) };
    const networks = {
      generator: () =>
        model.generator.apply(model.generator.init(key(1)), normal(key(2), [2, model.latentSize]), {
          ...training(key(3)),
          ...conditions,
        }),
      discriminator: () =>
        model.discriminator.apply(model.discriminator.init(key(1)), normal(key(2), [2, height, width, channels]), {
          ...training(fold(key(3), "discriminator")),
          ...conditions,
        }),
    };
    for (const [name, run] of Object.entries(networks)) {
      heard.length = 0;
      run();
      const keys = heard.map((context) => {
        const at = `attention of the ${name}`;
        if (context.mode !== "training") fail(who, `${at} must get the context of training mode`);
        demand(context.step === conditions.step, who, `${at} must get the step of the context`);
        demand(context.labels === labels.labels, who, `${at} must get the labels of the context`);
        return JSON.stringify(context.key);
      });
      const distinct = new Set(keys).size;
      demand(distinct === keys.length, who, `every attention of the ${name} must get a key of its own, see contextAt`);
    }
  });
}
