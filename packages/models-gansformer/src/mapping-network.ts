import type { Context } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import { contextAt, pixelNorm } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { LatentLayersOptions, LatentLayersParams, LatentSet } from "./latent-layers.js";
import { latentLayers } from "./latent-layers.js";

export interface MappingNetworkOptions extends LatentLayersOptions {
  /** Number k of components; 0 for none. */
  readonly components: number;
  /** Whether there is a global latent, the last row. */
  readonly global: boolean;
}

export type MappingNetworkParams = {
  readonly components?: LatentLayersParams;
  readonly global?: LatentLayersParams;
  /** Running mean of w over samples and latents, `[width]`. */
  readonly statistics: { readonly average: tf.Tensor1D };
};

/** What is left of the running mean after each batch. */
const decay = 0.995;

/** x / sqrt(mean(x^2)) over all rows of a sample together. */
function normalizeRows(x: tf.Tensor3D): tf.Tensor3D {
  const [batch, rows, width] = x.shape;
  return tf.reshape(pixelNorm(tf.reshape(x, [batch, rows * width])), x.shape);
}

/**
 * z to w for a set of latents: k of components, mapped by one network each for itself but for attention between them, and a global
 * one by a network of its own. The vector of an image's class is added to each of its normalised latents.
 *
 * Shapes: latents `[B, k + 1, inputs]`, without the global one `[B, k, inputs]`, to `[B, k + 1, width]`.
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.2.
 */
export function mappingNetwork({ components, global, attention, ...shared }: MappingNetworkOptions) {
  const local =
    components === 0 ? undefined : latentLayers(attention === undefined ? shared : { ...shared, attention });
  const whole = global ? latentLayers(shared) : undefined;
  return defineLayer<MappingNetworkParams, LatentSet, tf.Tensor3D>({
    init: (key) => ({
      ...(local === undefined ? {} : { components: local.init(fold(key, "components")) }),
      ...(whole === undefined ? {} : { global: whole.init(fold(key, "global")) }),
      statistics: { average: tf.zeros([shared.width]) as tf.Tensor1D },
    }),
    apply(params, { latents, positions, mask, classes }, context: Context) {
      const [batch, , inputs] = latents.shape;
      const classed = (x: tf.Tensor3D): tf.Tensor3D =>
        classes === undefined ? x : tf.add(x, tf.expandDims(pixelNorm(classes), 1));
      const rows: tf.Tensor3D[] = [];
      if (local !== undefined && params.components !== undefined) {
        const own = classed(normalizeRows(tf.slice3d(latents, [0, 0, 0], [batch, components, inputs])));
        rows.push(local.apply(params.components, { latents: own, positions, mask }, contextAt(context, "components")));
      }
      if (whole !== undefined && params.global !== undefined) {
        const own = classed(pixelNorm(tf.slice3d(latents, [0, components, 0], [batch, 1, inputs])));
        rows.push(whole.apply(params.global, { latents: own }, contextAt(context, "global")));
      }
      const w = rows.length === 1 ? (rows[0] as tf.Tensor3D) : tf.concat3d(rows, 1);
      if (context.mode === "training" && context.update !== undefined) {
        const { average } = params.statistics;
        const observed = tf.mean(w, [0, 1]);
        context.update(average, tf.add(tf.mul(average, decay), tf.mul(observed, 1 - decay)), observed);
      }
      return w;
    },
  });
}
