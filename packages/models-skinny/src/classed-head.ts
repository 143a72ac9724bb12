import type { Context } from "@ganymede/core";
import { defineLayer, fold, normal } from "@ganymede/core";
import type { LinearFactory, LinearParams } from "@ganymede/core/nn";
import { classVectors, equalizedLinear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

export interface ClassedHeadOptions {
  readonly inputs: number;
  readonly outputs: number;
  /** 0 for none. */
  readonly classes: number;
  readonly linear?: LinearFactory;
}

export type ClassedHeadParams = LinearParams & { readonly classes?: tf.Tensor2D };

/**
 * Logits: x W + b, plus with classes the projection <x, e_c> / sqrt(inputs) on the vector of the image's class c. x `[B, .., inputs]` to
 * `[B, .., outputs]`; the context carries the labels `[B]` where there are classes.
 *
 * Source: Miyato and Koyama 2018, arXiv 1802.05637, section 3.
 */
export function classedHead({ inputs, outputs, classes, linear = equalizedLinear }: ClassedHeadOptions) {
  const head = linear({ inputs, outputs });
  return defineLayer<ClassedHeadParams, tf.Tensor, tf.Tensor>({
    init: (key) => ({
      ...head.init(fold(key, "head")),
      ...(classes === 0 ? {} : { classes: normal<tf.Rank.R2>(fold(key, "classes"), [classes, inputs]) }),
    }),
    apply(params, x, context: Context) {
      const plain = head.apply(params, x, context);
      if (params.classes === undefined) return plain;
      const vectors = classVectors(params.classes, context, "skinny discriminator"); // [B, inputs]
      const shape = [x.shape[0] as number, ...x.shape.slice(1, -1).map(() => 1), inputs];
      const along = tf.sum(tf.mul(x, tf.reshape(vectors, shape)), -1, true);
      return tf.add(plain, tf.mul(along, 1 / Math.sqrt(inputs)));
    },
  });
}
