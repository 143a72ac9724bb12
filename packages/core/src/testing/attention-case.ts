import * as tf from "@tensorflow/tfjs-core";
import type { AttentionPart } from "../contracts/attention.js";
import type { Context, Layer } from "../contracts/layer.js";
import { permutation } from "../random/bits.js";
import { normal } from "../random/draw.js";
import { fold, key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";

export interface AttentionSizes {
  readonly channels?: number;
  readonly heads?: number;
  readonly tokens?: number;
  /** Width of the memory's tokens, for cross-attention. Default: `channels`. */
  readonly memoryChannels?: number;
  /** Rows and columns, for maps and for variants that use positions. Default for maps: 4 x 4. */
  readonly grid?: readonly [rows: number, columns: number];
}

/** Inputs of one call for any role; `x` is a map for the role `map`. */
export type AttentionInputs = { readonly x: tf.Tensor; readonly memory: tf.Tensor3D };

export interface AttentionCase {
  readonly inputs: AttentionInputs;
  /** Required shape of the output; null for a number of tokens that the variant chooses. */
  readonly outputShape: readonly (number | null)[];
  init(): ParamTree;
  apply(params: ParamTree, inputs: AttentionInputs, context: Context, mask?: tf.Tensor2D): tf.Tensor;
  /** The inputs with permuted tokens, and the expected output. */
  permuted(inputs: AttentionInputs, y: tf.Tensor): { inputs: AttentionInputs; expected: tf.Tensor };
}

/** A variant of one size with random inputs, independent of its role. */
export function attentionCase(variant: AttentionPart, sizes: AttentionSizes): AttentionCase {
  const { role } = variant;
  const { channels = 8, heads = 2, memoryChannels = channels } = sizes;
  const grid = sizes.grid ?? (role === "map" ? ([4, 4] as const) : undefined);
  const tokens = sizes.tokens ?? (grid === undefined ? 5 : grid[0] * grid[1]);
  const create = () =>
    variant.create({ channels, heads, memoryChannels, ...(grid === undefined ? {} : { grid }) }) as Layer<
      ParamTree,
      never,
      tf.Tensor
    >;
  const layer = create();
  const shape = role === "map" ? [2, ...(grid as [number, number]), channels] : [2, tokens, channels];
  const shuffled = Array.from(permutation(fold(key(4), tokens), tokens));
  return {
    inputs: { x: normal(key(2), shape as never), memory: normal(key(3), [2, tokens + 2, memoryChannels]) },
    outputShape: role === "set" ? [2, null, channels] : shape,
    init: () => create().init(key(1)),
    apply(params, { x, memory }, context, mask) {
      const input = role === "cross" ? { x, memory, ...(mask === undefined ? {} : { mask }) } : x;
      return layer.apply(params, input as never, context);
    },
    permuted({ x, memory }, y) {
      const inputs = { x: tf.gather(x, shuffled, 1), memory: tf.reverse(memory, 1) };
      return { inputs, expected: role === "set" ? y : tf.gather(y, shuffled, 1) };
    },
  };
}
