import type { AttentionOptions, Context, Key } from "@ganymede/core";
import { fold } from "@ganymede/core";
import type { LinearParams } from "@ganymede/core/nn";
import { headWidthOf, mergeHeads, linear as plainLinear, splitHeads } from "@ganymede/core/nn";
import type * as tf from "@tensorflow/tfjs-core";

export type HeadParams = {
  readonly query: LinearParams;
  readonly keys: LinearParams;
  readonly value: LinearParams;
  readonly output: LinearParams;
};

/**
 * The four linear maps of multi-head attention: queries from the tokens, keys and values from the tokens or a memory, without bias,
 * and one of all heads together, with one.
 */
export function headProjections(options: AttentionOptions, who: string) {
  const { channels, memoryChannels = channels, heads, linear = plainLinear } = options;
  const inner = heads * headWidthOf(options, who);
  const query = linear({ inputs: channels, outputs: inner, bias: false });
  const read = linear({ inputs: memoryChannels, outputs: inner, bias: false });
  const output = linear({ inputs: inner, outputs: channels });
  return {
    /** Width of one head, D. */
    width: inner / heads,
    init: (key: Key): HeadParams => ({
      query: query.init(fold(key, "query")),
      keys: read.init(fold(key, "keys")),
      value: read.init(fold(key, "value")),
      output: output.init(fold(key, "output")),
    }),
    /** Tokens [B, N, C], and the memory [B, M, memoryChannels], as q, k and v [B, H, .., D]. */
    split: (params: HeadParams, x: tf.Tensor3D, context: Context, memory: tf.Tensor3D = x) => ({
      q: splitHeads(query.apply(params.query, x, context), heads),
      k: splitHeads(read.apply(params.keys, memory, context), heads),
      v: splitHeads(read.apply(params.value, memory, context), heads),
    }),
    /** Heads [B, H, N, D] as tokens [B, N, C]. */
    join: (params: HeadParams, y: tf.Tensor4D, context: Context): tf.Tensor3D =>
      output.apply(params.output, mergeHeads(y), context),
  };
}
