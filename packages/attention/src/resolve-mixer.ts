import type { MixerPart, ModelParts, Ref } from "@ganymede/core";
import { defineLayer, refId, resolveAttention, withSettings } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { onTokens } from "./parts/on-tokens.js";
import { attentionVariants, tokenMixers } from "./plugin.js";

/** A mixer that gives an update, whatever it is by itself: where the output takes the input's place, the update is their difference. */
function asUpdate(mixer: MixerPart): MixerPart {
  if (mixer.replaces !== true) return mixer;
  return {
    ...mixer,
    replaces: false,
    create(options) {
      const layer = mixer.create(options);
      return defineLayer({
        init: (key) => layer.init(key),
        apply: (params, x: tf.Tensor3D, context) => tf.sub(layer.apply(params, x, context), x) as tf.Tensor3D,
      });
    },
  };
}

/**
 * What a configuration names where tokens of a map are mixed: a token mixer, or an attention over tokens or maps. The block adds what its
 * layer gives.
 *
 * @param parts mixers and attentions from outside, before those of this package.
 * @param where the setting that names it, with its family: `skinny: generator.fine.mixing`.
 * @throws GanymedeError `unknown-name` and `invalid-config`, see `resolveAttention`.
 */
export function resolveMixer(ref: Ref, parts: ModelParts, where: string): MixerPart {
  const mixer = [...(parts.mixers ?? []), ...tokenMixers].find(({ id }) => id === refId(ref));
  if (mixer !== undefined) {
    const { id: _, ...settings } = typeof ref === "string" ? { id: ref } : ref;
    return asUpdate(withSettings(mixer, settings, where));
  }
  const attentions = [...(parts.attentions ?? []), ...attentionVariants];
  const mixers = [...(parts.mixers ?? []), ...tokenMixers].map(({ id }) => id);
  const attention = resolveAttention(attentions, ref, ["self", "map"], where, mixers);
  return asUpdate(attention.role === "self" ? attention : onTokens(attention));
}
