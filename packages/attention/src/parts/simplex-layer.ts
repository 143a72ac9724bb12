import type { AttentionOptions } from "@ganymede/core";
import { defineLayer } from "@ganymede/core";
import { compose, equalizedLinear, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BipartiteInput, BipartiteOptions, BipartiteResult } from "./bipartite.js";
import { bipartite } from "./bipartite.js";

/** Bipartite attention whose logits are products of queries and keys; `attend` returns the weights [B, H, N, M] too. */
export function simplexLayer(options: AttentionOptions, settings: BipartiteOptions, who: string) {
  const { channels, memoryChannels = channels, heads, linear = equalizedLinear } = options;
  const { positionWidth } = settings;
  const shared = bipartite(options, settings, who);
  const parts = {
    ...shared.parts,
    keys: linear({ inputs: memoryChannels, outputs: shared.inner }),
    keyPosition: positionWidth === null ? undefined : linear({ inputs: positionWidth, outputs: shared.inner }),
  };
  const attention = compose(parts, (part, input: BipartiteInput, context): BipartiteResult => {
    const { content, place } = shared.queries(part, input);
    const q = splitHeads(place === undefined ? content : tf.add(content, place), heads); // [B, H, N, D]
    const plain = part.keys(input.memory); // [B, M, H D]
    const { memoryPositions } = input;
    const keyPlace = memoryPositions && part.keyPosition?.(memoryPositions);
    const k = splitHeads(keyPlace === undefined ? plain : tf.add(plain, keyPlace), heads); // [B, H, M, D]
    const logits = tf.mul<tf.Tensor4D>(tf.matMul(q, k, false, true), 1 / Math.sqrt(q.shape[3]));
    return shared.integrate(part, input, shared.weigh(logits, input.mask), context);
  });
  const { init, apply: attend } = attention;
  const layer = defineLayer({
    init,
    apply: (params, input: BipartiteInput, context): tf.Tensor3D => attend(params, input, context).y,
  });
  return { ...layer, attend };
}

export type SimplexParams = ReturnType<ReturnType<typeof simplexLayer>["init"]>;
