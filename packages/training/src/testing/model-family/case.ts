import type { AdversarialModel, Context, ParamTree } from "@ganymede/core";
import { inference, key, normal } from "@ganymede/core";
import { purely } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";

/** Batch size of every check. */
export const batch = 4;

/** A model with parameters, latents and generated images. */
export interface ModelCase {
  readonly model: AdversarialModel;
  /** Name in errors. */
  readonly who: string;
  readonly generator: ParamTree;
  readonly discriminator: ParamTree;
  /** `[B, latentSize]`. */
  readonly z: tf.Tensor2D;
  /** The generator's output in inference mode. */
  readonly images: tf.Tensor4D;
  readonly context: Context;
}

/** Classes of a batch, the highest first; `shift` rotates them. */
export function labelsOf(classes: number, shift = 0): tf.Tensor1D {
  return tf.tensor1d(
    Array.from({ length: batch }, (_, image) => (classes - 1 + image + shift) % classes),
    "int32",
  );
}

/** Context of sampling. */
export function samplingContext({ classes }: AdversarialModel, shift = 0): Context {
  return { ...inference, ...(classes !== undefined && { labels: labelsOf(classes, shift) }) };
}

/** A new case. */
export function modelCase(model: AdversarialModel, who: string): ModelCase {
  const z = normal<tf.Rank.R2>(key(1), [batch, model.latentSize]);
  const context = samplingContext(model);
  const [generator, discriminator] = [model.generator.init(key(2)), model.discriminator.init(key(3))];
  const images = purely(() => model.generator.apply(generator, z, context), `${who}: the generator`);
  return { model, who, generator, discriminator, z, context, images };
}
