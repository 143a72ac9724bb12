/**
 * Self-attention between latents: y = l + W_c softmax(q k^T / sqrt(D)) v, with all of the latents as tokens and as memory. Latents can
 * thereby agree on who draws what before any pixel is drawn.
 * Shapes: x (latents) [B, k, C] -> [B, k, C]; encodings of positions [k, P] with `attend`.
 * Cost: 5 k C^2 + 2 k^2 C multiply-adds.
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.2; dorarad/gansformer, option `ltnt2ltnt`: integration
 * `add`, no norm.
 * Differs from source: none.
 */
import type { Context } from "@ganymede/core";
import { defineAttention, defineLayer } from "@ganymede/core";
import type * as tf from "@tensorflow/tfjs-core";
import { bipartiteDefaults, bipartiteSettings } from "./parts/bipartite.js";
import type { SimplexParams } from "./parts/simplex-layer.js";
import { simplexLayer } from "./parts/simplex-layer.js";

export const latentSelf = defineAttention({
  id: "latent-self",
  source: "https://arxiv.org/abs/2103.01209",
  defaults: { ...bipartiteDefaults, integration: "add", norm: null },
  settings: bipartiteSettings,
  create(settings, options) {
    const bipartite = simplexLayer({ ...options, memoryChannels: options.channels }, settings, "latentSelf");
    const attend = (params: SimplexParams, x: tf.Tensor3D, positions?: tf.Tensor2D, context?: Context) => {
      const places = positions === undefined ? {} : { positions, memoryPositions: positions };
      return bipartite.attend(params, { x, memory: x, ...places }, context);
    };
    const layer = defineLayer<SimplexParams, tf.Tensor3D, tf.Tensor3D>({
      init: bipartite.init,
      apply: (params, x, context) => attend(params, x, undefined, context).y,
    });
    /** `attend` takes the positions of the latents and gives the weights [B, H, k, k] too. */
    return { ...layer, attend };
  },
});
