import type { Component, DiscriminatorTerm, TermInputs } from "@ganymede/core";
import { defineComponent, fold, uniform } from "@ganymede/core";
import { real, record, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";
import type { AdaptationConfig, AdaptationState } from "../../augment/adaptation.js";
import { adapt, startAdaptation } from "../../augment/adaptation.js";

const component: Component<AdaptationConfig, TermInputs, DiscriminatorTerm<AdaptationState>> = {
  id: "pseudo-augmentation",
  source: "https://arxiv.org/abs/2111.06849",
  defaults: { target: 0.6, images: 500_000, every: 4 },
  settings: record({ target: real({ above: -1, below: 1 }), images: whole(1), every: whole(1) }),
  create: (config, { imagesPerUpdate }) => ({
    every: 1,
    needs: [],
    init: startAdaptation,
    prepare({ real: shown, fake, key, drawLatents, generate }, { strength }) {
      const [batch] = shown.images.shape;
      const coin = tf.cast(tf.less(uniform(fold(key, "coin"), [batch, 1, 1, 1]), strength), "float32");
      const latents = drawLatents(fold(key, "latents"), batch);
      // Pseudo-real images get the classes of the real images that they replace.
      const z = { z: latents.z, ...(shown.labels !== undefined && { labels: shown.labels }) };
      const pseudo = generate(z, fold(key, "latents"));
      const images = tf.add(shown.images, tf.mul(coin, tf.sub(pseudo, shown.images))) as tf.Tensor4D;
      return { real: { ...shown, images }, fake };
    },
    apply({ logits }, memory) {
      const sign = tf.mean(tf.sign(logits().real)) as tf.Scalar;
      return {
        value: tf.scalar(0),
        memory: { ...memory, signs: tf.add(memory.signs, sign) as tf.Scalar },
        report: { strength: memory.strength },
      };
    },
    // The sum already includes the signs of this update.
    finish: (memory) => adapt(memory, tf.scalar(0), config, imagesPerUpdate),
  }),
};

/**
 * Adaptive pseudo augmentation (APA): with a probability set by a controller, generated images replace real ones, which deceives an
 * overconfident discriminator. The controller is that of ADA; see `adapt`.
 *
 * Source: Jiang et al. 2021, arXiv 2111.06849, section 3.2. Differs from source: pseudo images are drawn anew instead of kept from the
 * generator's last update.
 */
export const pseudoAugmentation = defineComponent(component);
