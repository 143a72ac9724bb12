import { addTokenNoise, cross } from "@ganymede/attention";
import type { MixerPart } from "@ganymede/core";
import { expectShape, fold, GanymedeError, normal } from "@ganymede/core";
import type { LinearFactory } from "@ganymede/core/nn";
import { compose, firstTokens, gelu, joinPatches, learned, mlp, splitPatches } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BlockConfig } from "./config.js";
import { tokenNorms } from "./parts.js";

/** Sizes and parts of a transformer block. */
export interface BlockOptions extends Omit<BlockConfig, "attention"> {
  /** Width C of the tokens. */
  readonly width: number;
  /** Rows and columns of the map or window that attention runs in. Absent for tokens that are not a map. */
  readonly grid?: readonly [rows: number, columns: number];
  /** Factory of the linear maps. */
  readonly linear: LinearFactory;
  /** Width of the memory that tokens attend to first. Absent for none. */
  readonly memoryWidth?: number | undefined;
  /** Factor of each sum; sqrt(0.5) where no norm keeps sums in bounds. Default: 1. */
  readonly gain?: number;
  /** Returns the first tokens only, so many of them. Default: all. */
  readonly keep?: number | undefined;
}

/** Tokens `[B, N, C]` and, for blocks with a memory, what they attend to, `[B, M, memoryWidth]`. */
export interface BlockInput {
  readonly x: tf.Tensor3D;
  readonly memory?: tf.Tensor3D | undefined;
}

const activations = { gelu, "leaky-relu": (x: tf.Tensor) => tf.leakyRelu(x, 0.2) };

/**
 * Pre-norm transformer block, h = x + Attention(Norm(x)), y = h + MLP(Norm(h)), with what TransGAN adds: noise on the tokens before
 * attention, attention inside windows, and, first of all, attention to a memory, x = x + Cross(x, memory).
 *
 * Shape: x `[B, N, C]`, its windows one after the other, to `[B, keep, C]`.
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074, section 3; VITA-Group/TransGAN, `models_search`.
 */
export function block(options: BlockOptions, variant: MixerPart) {
  const { width, heads, mlpRatio, grid, linear, memoryWidth: memoryChannels, gain = 1, keep } = options;
  const sizes = { channels: width, heads, linear };
  const parts = {
    cross: memoryChannels === undefined ? undefined : cross().create({ ...sizes, memoryChannels }),
    attentionNorm: tokenNorms[options.norm](width),
    attention: variant.create({ ...sizes, ...(grid && { grid }) }),
    noise: options.noise ? learned(() => tf.zeros<tf.Rank.R1>([1])) : undefined,
    mlpNorm: tokenNorms[options.norm](width),
    mlp: mlp({ width, hidden: mlpRatio * width, linear, activation: activations[options.activation] }),
  };
  const sum = (x: tf.Tensor3D, y: tf.Tensor3D): tf.Tensor3D => (gain === 1 ? tf.add(x, y) : tf.mul(tf.add(x, y), gain));
  return compose(parts, (part, { x, memory }: BlockInput, context): tf.Tensor3D => {
    const informed = part.cross && memory ? tf.add<tf.Tensor3D>(x, part.cross({ x, memory })) : x;
    const windows = grid ? tf.reshape<tf.Rank.R3>(informed, [-1, grid[0] * grid[1], width]) : informed;
    let normed = part.attentionNorm(windows);
    if (part.noise && context.mode === "training") {
      const noise = normal<tf.Rank.R3>(fold(context.key, "noise"), [normed.shape[0], normed.shape[1], 1]);
      normed = addTokenNoise(normed, noise, part.noise);
    }
    const attended = tf.reshape<tf.Rank.R3>(part.attention(normed), x.shape);
    const count = keep ?? x.shape[1];
    const mixed = sum(firstTokens(informed, count), firstTokens(attended, count));
    return sum(mixed, part.mlp(part.mlpNorm(mixed)));
  });
}

/** Sizes and parts of the blocks of one map. */
export interface BlocksOptions extends Omit<BlockOptions, "grid" | "keep"> {
  readonly depth: number;
  /** Rows and columns of the map of tokens. */
  readonly grid: readonly [rows: number, columns: number];
  /** Side of the squares that attention runs in, which must divide rows and columns; null for the whole map. */
  readonly window: number | null;
  /** Attention of the last block. Default: that of the others. */
  readonly lastAttention?: MixerPart | undefined;
}

/**
 * Blocks over a map `[B, rows columns, C]`, row by row. With a window, the map is cut once before the first block and put together once
 * after the last, for everything but the attention works token by token.
 *
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074, section 3.3.
 * @throws GanymedeError `invalid-argument` if the window does not divide the map, or the map does not have the tokens that come in.
 */
export function blocks(options: BlocksOptions, variant: MixerPart) {
  const { depth, grid, width, lastAttention = variant } = options;
  const [rows, columns] = grid;
  // A window at least as large as the map is the map itself.
  const window = options.window !== null && options.window < Math.max(rows, columns) ? options.window : undefined;
  if (window !== undefined && (rows % window !== 0 || columns % window !== 0)) {
    throw new GanymedeError(
      "invalid-argument",
      `transgan blocks: the window must divide the map, got ${window} and ${rows}x${columns}; choose another window, or null for the whole map`,
    );
  }
  const attended = window === undefined ? grid : ([window, window] as const);
  const layers = Array.from({ length: depth }, (_, index) =>
    block({ ...options, grid: attended }, index === depth - 1 ? lastAttention : variant),
  );
  return compose({ layers }, (part, { x, memory }: BlockInput): tf.Tensor3D => {
    expectShape(x, ["B", rows * columns, width], "transgan blocks input");
    const run = (start: tf.Tensor3D) => part.layers.reduce((y, layer) => layer({ x: y, memory }), start);
    if (window === undefined || depth === 0) return run(x);
    const windows = splitPatches(tf.reshape(x, [x.shape[0], rows, columns, width]), window);
    const mixed = run(tf.reshape(windows, x.shape));
    return tf.reshape(joinPatches(tf.reshape(mixed, windows.shape), window), x.shape);
  });
}
