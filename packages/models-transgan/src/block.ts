import { addTokenNoise, cross } from "@ganymede/attention";
import type { Context, CrossAttentionPart, MixerPart } from "@ganymede/core";
import { defineLayer, fold, GanymedeError, normal } from "@ganymede/core";
import type { LinearFactory } from "@ganymede/core/nn";
import { contextAt, gelu, mlp } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BlockConfig } from "./config.js";
import { tokenNorm } from "./token-norm.js";

export interface BlockOptions extends Omit<BlockConfig, "attention"> {
  /** Width C of the tokens. */
  readonly width: number;
  /** Rows and columns of the map or window that attention runs in; null for tokens that are not a map. */
  readonly grid: readonly [rows: number, columns: number] | null;
  /** How linear maps start. */
  readonly linear: LinearFactory;
  /** Width of the memory that tokens attend to first; null for none. */
  readonly memoryWidth: number | null;
  /** Factor on both sides of each sum; sqrt(0.5) where no norm keeps sums in bounds. 1 where left out. */
  readonly gain?: number;
}

export interface BlockInput {
  /** `[B, N, C]`; with windows, their tokens one window after the other. */
  readonly x: tf.Tensor3D;
  /** `[B, M, memoryWidth]`, for a block with a memory. */
  readonly memory?: tf.Tensor3D | null;
  /** How many of the first tokens are asked for; all where left out. */
  readonly keep?: number;
}

const crossVariant: CrossAttentionPart = cross();

const activations = { gelu, "leaky-relu": (x: tf.Tensor) => tf.leakyRelu(x, 0.2) };

function noisy(x: tf.Tensor3D, strength: tf.Tensor1D | undefined, context: Context): tf.Tensor3D {
  if (strength === undefined || context.mode !== "training") return x;
  return addTokenNoise(x, normal<tf.Rank.R3>(fold(context.key, "noise"), [x.shape[0], x.shape[1], 1]), strength);
}

/** Each window as a sample of its own: `[B, N, C]` to `[B N / (rows columns), rows columns, C]`. */
function asWindows(x: tf.Tensor3D, [rows, columns]: readonly [number, number]): tf.Tensor3D {
  const [batch, tokens, width] = x.shape;
  const windows = tokens / (rows * columns);
  if (!Number.isInteger(windows)) {
    throw new GanymedeError(
      "invalid-argument",
      `transgan block: an image must have a whole number of windows of ${rows}x${columns} tokens, got ${tokens} tokens; pass the map's own rows and columns`,
    );
  }
  return tf.reshape(x, [batch * windows, rows * columns, width]);
}

function firstTokens(x: tf.Tensor3D, count: number): tf.Tensor3D {
  return count === x.shape[1] ? x : tf.slice3d(x, [0, 0, 0], [x.shape[0], count, x.shape[2]]);
}

/**
 * Pre-norm transformer block, h = x + Attention(Norm(x)), y = h + MLP(Norm(h)), with what TransGAN adds: noise on the tokens before
 * attention, attention inside windows, and, first of all, attention to a memory, x = x + Cross(x, memory).
 * Shapes: x `[B, N, C]` gives `[B, keep or N, C]`.
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074, section 3; VITA-Group/TransGAN, `models_search`.
 *
 * @throws GanymedeError `invalid-argument` when the tokens of an image are not a whole number of windows.
 */
export function block(options: BlockOptions, variant: MixerPart) {
  const { width, heads, mlpRatio, grid, linear, memoryWidth, gain = 1 } = options;
  const norm = tokenNorm(options.norm, width);
  const attention = variant.create({ channels: width, heads, linear, ...(grid === null ? {} : { grid }) });
  const cross =
    memoryWidth === null
      ? undefined
      : crossVariant.create({ channels: width, heads, linear, memoryChannels: memoryWidth });
  const feedForward = mlp({ width, hidden: mlpRatio * width, linear, activation: activations[options.activation] });
  const sum = (x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor3D => (gain === 1 ? tf.add(x, y) : tf.mul(tf.add(x, y), gain));
  return defineLayer({
    init: (key) => ({
      ...(cross === undefined ? {} : { cross: cross.init(fold(key, "cross")) }),
      attentionNorm: norm.init(fold(key, "attentionNorm")),
      attention: attention.init(fold(key, "attention")),
      ...(options.noise ? { noise: tf.zeros([1]) as tf.Tensor1D } : {}),
      mlpNorm: norm.init(fold(key, "mlpNorm")),
      mlp: feedForward.init(fold(key, "mlp")),
    }),
    apply(params, { x, memory, keep = x.shape[1] }: BlockInput, context): tf.Tensor3D {
      const informed =
        cross === undefined || params.cross === undefined || memory == null
          ? x
          : (tf.add(x, cross.apply(params.cross, { x, memory }, contextAt(context, "cross"))) as tf.Tensor3D);
      const windows = grid === null ? informed : asWindows(informed, grid);
      const normed = norm.apply(params.attentionNorm, windows, context);
      const attended = attention.apply(
        params.attention,
        noisy(normed, params.noise, context),
        contextAt(context, "attention"),
      );
      const mixed = sum(firstTokens(informed, keep), firstTokens(tf.reshape(attended, x.shape), keep));
      return sum(mixed, feedForward.apply(params.mlp, norm.apply(params.mlpNorm, mixed, context), context));
    },
  });
}
