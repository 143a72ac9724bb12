import type { AttentionOptions } from "@ganymede/core";
import type { Bound, LinearParams } from "@ganymede/core/nn";
import { headWidthOf, mergeHeads, linear as plainLinear, splitHeads } from "@ganymede/core/nn";
import type * as tf from "@tensorflow/tfjs-core";

export type HeadParams = {
  readonly query: LinearParams;
  readonly keys: LinearParams;
  readonly value: LinearParams;
  readonly output: LinearParams;
};

/**
 * The four linear maps of multi-head attention: queries from the tokens, keys and values from the tokens or a memory, without bias, and
 * one of all heads together, with one. `parts` go into `compose`; `split` and `join` take what it binds.
 */
export function headProjections(options: AttentionOptions, who: string) {
  const { channels, memoryChannels = channels, heads, linear = plainLinear } = options;
  const inner = heads * headWidthOf(options, who);
  const read = linear({ inputs: memoryChannels, outputs: inner, bias: false });
  const parts = {
    query: linear({ inputs: channels, outputs: inner, bias: false }),
    keys: read,
    value: read,
    output: linear({ inputs: inner, outputs: channels }),
  };
  type Part = Bound<typeof parts>;
  return {
    parts,
    /** Width of one head, D. */
    width: inner / heads,
    /** Tokens [B, N, C], and the memory [B, M, memoryChannels], as q, k and v [B, H, .., D]. */
    split: (part: Part, x: tf.Tensor3D, memory: tf.Tensor3D = x) => ({
      q: splitHeads(part.query(x), heads),
      k: splitHeads(part.keys(memory), heads),
      v: splitHeads(part.value(memory), heads),
    }),
    /** Heads [B, H, N, D] as tokens [B, N, C]. */
    join: (part: Part, y: tf.Tensor4D): tf.Tensor3D => part.output(mergeHeads(y)),
  };
}
