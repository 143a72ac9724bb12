import type { AttentionOptions, Context } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import type { LinearParams } from "@ganymede/core/nn";
import { equalizedLinear, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BipartiteInput, BipartiteOptions, BipartiteParams } from "./bipartite.js";
import { bipartite } from "./bipartite.js";

export type SimplexParams = BipartiteParams & { readonly keys: LinearParams; readonly keyPosition?: LinearParams };

/** Bipartite attention whose logits are products of queries and keys; `attend` gives the weights [B, H, N, M] too. */
export function simplexLayer(options: AttentionOptions, settings: BipartiteOptions, who: string) {
  const { channels, memoryChannels = channels, heads, linear = equalizedLinear } = options;
  const parts = bipartite(options, settings, who);
  const keys = linear({ inputs: memoryChannels, outputs: parts.inner });
  const { positionWidth } = settings;
  const keyPosition = positionWidth === null ? undefined : linear({ inputs: positionWidth, outputs: parts.inner });
  const attend = (params: SimplexParams, input: BipartiteInput, context: Context) => {
    const { content, place } = parts.queries(params, input, context);
    const q = splitHeads(place === undefined ? content : tf.add(content, place), heads); // [B, H, N, D]
    const plain = keys.apply(params.keys, input.memory, context); // [B, M, H D]
    const placed =
      keyPosition === undefined || params.keyPosition === undefined || input.memoryPositions === undefined
        ? plain
        : (tf.add(plain, keyPosition.apply(params.keyPosition, input.memoryPositions, context)) as tf.Tensor3D);
    const k = splitHeads(placed, heads); // [B, H, M, D]
    const logits = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(q.shape[3])) as tf.Tensor4D;
    return parts.integrate(params, input, parts.weigh(logits, input.mask), context);
  };
  const layer = defineLayer<SimplexParams, BipartiteInput, tf.Tensor3D>({
    init: (key) => ({
      ...parts.init(key),
      keys: keys.init(fold(key, "keys")),
      ...(keyPosition === undefined ? {} : { keyPosition: keyPosition.init(fold(key, "key-position")) }),
    }),
    apply: (params, input, context) => attend(params, input, context).y,
  });
  return { ...layer, attend };
}
