import type { Component, GeneratorTerm, Logits, Scheduled, TermInputs } from "@ganymede/core";
import { defineComponent } from "@ganymede/core";
import { real, record, scheduled } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";

export interface TopKSettings {
  /** Fraction of the fakes that count, in (0, 1]. */
  readonly share: Scheduled;
}

/**
 * 1 for the fakes with the k highest logits, k = max(1, round(share * B)), else 0; ties go to the earlier image. Several logits per image
 * are averaged. Shape: logits `[B]` or `[B, K]` to `[B]` or `[B, 1]`.
 */
export function topKMask(logits: Logits, share: tf.Scalar | number): tf.Tensor {
  const [batch] = logits.shape;
  const scores = logits.rank === 1 ? logits : tf.mean(logits, 1);
  const [own, other] = [tf.reshape(scores, [batch, 1]), tf.reshape(scores, [1, batch])];
  const place = tf.range(0, batch, 1, "float32");
  const earlier = tf.less(tf.reshape(place, [1, batch]), tf.reshape(place, [batch, 1]));
  const above = tf.logicalOr(tf.greater(other, own), tf.logicalAnd(tf.equal(other, own), earlier));
  const rank = tf.sum(tf.cast(above, "float32"), 1);
  const count = tf.maximum(tf.round(tf.mul(share, tf.scalar(batch))), 1);
  const mask = tf.cast(tf.less(rank, count), "float32");
  return logits.rank === 1 ? mask : tf.reshape(mask, [batch, 1]);
}

const range = real({ above: 0, most: 1 });

const component: Component<TopKSettings, TermInputs, GeneratorTerm> = {
  id: "top-k",
  source: "https://arxiv.org/abs/2002.06224",
  defaults: { share: { id: "linear", from: 1, to: 0.5, images: 1_000_000 } },
  settings: record({ share: scheduled(range) }),
  create({ share }, { schedule, where }) {
    const shares = schedule(share, `${where}: share`, range);
    return { every: 1, needs: [], weights: (logits, progress) => topKMask(logits, shares.at(progress)) };
  },
};

/**
 * Top-k training: only the fakes with the highest logits count in the generator's loss.
 *
 * Source: Sinha et al. 2020, arXiv 2002.06224, section 3. Differs from source: the share falls linearly, not by a factor per epoch.
 */
export const topK = defineComponent(component);
