import { cross, withTokenNoise } from "@ganymede/attention";
import type { MixerPart } from "@ganymede/core";
import { expectShape, GanymedeError } from "@ganymede/core";
import type { LinearFactory } from "@ganymede/core/nn";
import { compose, gelu, joinPatches, splitPatches, transformerBlock } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BlockConfig } from "./config.js";
import { tokenNorms } from "./parts.js";

type Grid = readonly [rows: number, columns: number];

/** What the blocks of a network share. */
export interface BlockOptions extends Omit<BlockConfig, "attention"> {
  /** Width C of the tokens. */
  readonly width: number;
  /** Factory of the linear maps. */
  readonly linear: LinearFactory;
  /** Factor of each sum; sqrt(0.5) where no norm keeps sums in bounds. Default: 1. */
  readonly gain?: number;
  /** How many of the first tokens are wanted. Default: all. */
  readonly keep?: number | undefined;
}

const activations = { gelu, "leaky-relu": (x: tf.Tensor) => tf.leakyRelu(x, 0.2) };

/** A transformer block with learned noise on its tokens before the attention. The grid is that of a window; tokens that are no map have none. */
export function block(
  { width, heads, mlpRatio, norm, noise, ...options }: BlockOptions,
  variant: MixerPart,
  grid?: Grid,
) {
  const mixer = noise ? withTokenNoise({ ...variant, role: "self" }) : variant;
  return transformerBlock({
    ...options,
    width,
    window: grid && grid[0] * grid[1],
    attention: mixer.create({ channels: width, heads, linear: options.linear, ...(grid && { grid }) }),
    hidden: mlpRatio * width,
    norm: tokenNorms[norm],
    activation: activations[options.activation],
  });
}

/** Sizes and parts of the blocks of one map. */
export interface BlocksOptions extends Omit<BlockOptions, "keep"> {
  readonly depth: number;
  /** Rows and columns of the map of tokens. */
  readonly grid: Grid;
  /** Side of the squares that attention runs in, which must divide rows and columns; null for the whole map. */
  readonly window: number | null;
  /** Width of the memory that every block attends to first, x = x + Cross(x, memory). Absent for none. */
  readonly memoryWidth?: number | undefined;
  /** Attention of the last block. Default: that of the others. */
  readonly lastAttention?: MixerPart | undefined;
}

/** Tokens `[B, rows columns, C]` and, for blocks with a memory, what they attend to, `[B, M, memoryWidth]`. */
export interface BlocksInput {
  readonly x: tf.Tensor3D;
  readonly memory?: tf.Tensor3D | undefined;
}

/**
 * Blocks over a map `[B, rows columns, C]`, row by row. With a window, the map is cut once before the first block and put together once
 * after the last: only attention and its norm see windows.
 *
 * Source: Jiang, Chang and Wang 2021, arXiv 2102.07074, sections 3.1 and 3.3; VITA-Group/TransGAN, `models_search`.
 * @throws GanymedeError `invalid-argument` if the window does not divide the map, or the map does not have the tokens that come in.
 */
export function blocks(options: BlocksOptions, variant: MixerPart) {
  const { depth, grid, width, heads, linear, memoryWidth: memoryChannels, lastAttention = variant } = options;
  const [rows, columns] = grid;
  // A window at least as large as the map is the map itself.
  const window = options.window !== null && options.window < Math.max(rows, columns) ? options.window : undefined;
  if (window !== undefined && (rows % window !== 0 || columns % window !== 0)) {
    throw new GanymedeError(
      "invalid-argument",
      `transgan blocks: the window must divide the map, got ${window} and ${rows}x${columns}; choose another window, or null for the whole map`,
    );
  }
  const attended: Grid = window === undefined ? grid : [window, window];
  const indices = Array.from({ length: depth }, (_, index) => index);
  const sizes = { channels: width, heads, linear };
  const parts = {
    cross: memoryChannels === undefined ? undefined : indices.map(() => cross().create({ ...sizes, memoryChannels })),
    layers: indices.map((index) => block(options, index === depth - 1 ? lastAttention : variant, attended)),
  };
  return compose(parts, (part, { x, memory }: BlocksInput): tf.Tensor3D => {
    expectShape(x, ["B", rows * columns, width], "transgan blocks input");
    const run = (start: tf.Tensor3D) =>
      part.layers.reduce((y, layer, index) => {
        const read = memory && part.cross?.[index]?.({ x: y, memory });
        return layer(read ? tf.add(y, read) : y);
      }, start);
    if (window === undefined || depth === 0) return run(x);
    const windows = splitPatches(tf.reshape(x, [x.shape[0], rows, columns, width]), window);
    const mixed = run(tf.reshape(windows, x.shape));
    return tf.reshape(joinPatches(tf.reshape(mixed, windows.shape), window), x.shape);
  });
}
