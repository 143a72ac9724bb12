import type { AttentionOptions, Key } from "@ganymede/core";
import { defineLayer, expectShape, fold, GanymedeError, normal } from "@ganymede/core";
import type { SettingsOf } from "@ganymede/core/config";
import { flag, nullable, real, record, whole } from "@ganymede/core/config";
import type { LinearParams } from "@ganymede/core/nn";
import { linear, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { gridOf } from "./logit-bias.js";
import { observeQueries } from "./observe-query.js";
import { tiledSoftmaxProduct } from "./tiled-softmax.js";

export const augmentedSettings = record({
  /** Side of the convolution's kernel, odd. Default: 3. */
  kernel: whole(),
  /** Side of the kernel that makes queries, keys and values; null for `kernel`. Default: 1, and null for the port. */
  projectionKernel: nullable(whole()),
  /** Width of the queries and keys, all heads together, as a share of the output's channels. Default: 1/4. */
  keyShare: real({ above: 0 }),
  /** Width of what attention adds, as a share of the output's channels. Default: 1/4. */
  valueShare: real({ above: 0, below: 1 }),
  /** Whether logits know the pixels' offsets. Default: true. */
  relative: flag,
});

export type AugmentedSettings = SettingsOf<typeof augmentedSettings>;

/** Their defaults, but for `projectionKernel`. */
export const augmentedDefaults = { kernel: 3, keyShare: 0.25, valueShare: 0.25, relative: true };

type Convolution = { readonly weight: tf.Tensor4D; readonly bias: tf.Tensor1D };

export type AugmentedParams = {
  readonly convolution: Convolution;
  readonly projection: Convolution;
  readonly output: LinearParams;
  /** Offsets in rows, [2 H - 1, D]; the heads share them. */
  readonly rows?: tf.Tensor2D;
  /** Offsets in columns, [2 W - 1, D]. */
  readonly columns?: tf.Tensor2D;
};

function convolution(inputs: number, outputs: number, kernel: number) {
  const deviation = Math.sqrt(1 / (inputs * kernel ** 2));
  return {
    init: (key: Key): Convolution => ({
      weight: normal(key, [kernel, kernel, inputs, outputs], 0, deviation),
      bias: tf.zeros([outputs]),
    }),
    apply: ({ weight, bias }: Convolution, x: tf.Tensor4D) =>
      tf.add<tf.Tensor4D>(tf.conv2d(x, weight, 1, "same"), bias),
  };
}

/** For each of `size` places along an axis the vectors of its offsets to all places: a table [2 size - 1, D] -> [size, size, D]. */
function offsetVectors(table: tf.Tensor2D, size: number): tf.Tensor3D {
  const places = Array.from({ length: size }, (_, at) => tf.slice2d(table, [size - 1 - at, 0], [size, -1]));
  return tf.stack(places) as tf.Tensor3D;
}

/** Logits of each query q [B, heads, N, D] and each row of the map, and each column: [B, heads, N, H + W]. */
function offsetLogits(
  q: tf.Tensor4D,
  rows: tf.Tensor2D,
  columns: tf.Tensor2D,
  [height, width]: readonly [number, number],
): tf.Tensor4D {
  const [batch, heads, tokens, depth] = q.shape;
  const map = tf.reshape(q, [batch * heads, height, width, depth]);
  // Queries of one row, or one column, share the vectors.
  const byRow = tf.reshape(tf.transpose(map, [1, 0, 2, 3]), [height, -1, depth]);
  const byColumn = tf.reshape(tf.transpose(map, [2, 0, 1, 3]), [width, -1, depth]);
  const ofRows = tf.reshape(tf.matMul(byRow, offsetVectors(rows, height), false, true), [height, -1, width, height]);
  const ofColumns = tf.reshape(tf.matMul(byColumn, offsetVectors(columns, width), false, true), [
    width,
    -1,
    height,
    width,
  ]);
  const joint = tf.concat([tf.transpose(ofRows, [1, 0, 2, 3]), tf.transpose(ofColumns, [1, 2, 0, 3])], 3);
  return tf.reshape(joint, [batch, heads, tokens, height + width]);
}

/** For each pixel a 1 at its row and one at its column: [N, H + W]. */
function rowAndColumn([height, width]: readonly [number, number]): tf.Tensor2D {
  const size = height + width;
  const marks = new Float32Array(height * width * size);
  for (let pixel = 0; pixel < height * width; pixel++) {
    marks[pixel * size + Math.floor(pixel / width)] = 1;
    marks[pixel * size + height + (pixel % width)] = 1;
  }
  return tf.tensor2d(marks, [height * width, size]);
}

/**
 * Queries and keys whose products are q k + q r_rows + q r_columns, [B, heads, N, D + H + W]: each query with its logits of every row and
 * column, each key with a 1 at its own. So logits with offsets are computed in tiles, as all products are.
 */
function withOffsets(
  q: tf.Tensor4D,
  k: tf.Tensor4D,
  rows: tf.Tensor2D,
  columns: tf.Tensor2D,
  grid: readonly [number, number],
): [q: tf.Tensor4D, k: tf.Tensor4D] {
  const [batch, heads, tokens] = k.shape;
  const own: tf.Tensor4D = tf.reshape(rowAndColumn(grid), [1, 1, tokens, grid[0] + grid[1]]);
  return [
    tf.concat([q, offsetLogits(q, rows, columns, grid)], 3),
    tf.concat([k, tf.tile(own, [batch, heads, 1, 1])], 3),
  ];
}

/** Puts heads [B, heads, N, D] back on a map. */
export type Combine = (heads: tf.Tensor4D, grid: readonly [number, number]) => tf.Tensor4D;

/** A convolution whose output is joined by attention over the whole map; the map's size is the options' grid. */
export function augmentedLayer(
  options: AttentionOptions,
  settings: AugmentedSettings,
  outputs: number,
  combine: Combine,
  who: string,
) {
  const { channels, heads } = options;
  const grid = gridOf(options, who);
  const { kernel, projectionKernel, keyShare, valueShare, relative } = settings;
  const [keys, values] = [outputs * keyShare, outputs * valueShare].map((width) => Math.round(width)) as [
    number,
    number,
  ];
  if (keys < heads || values < heads || keys % heads !== 0 || values % heads !== 0 || values >= outputs) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: heads must divide the widths of keys and values, got ${heads}, ${keys} and ${values} of ${outputs}; choose other shares`,
    );
  }
  const plain = convolution(channels, outputs - values, kernel);
  const projection = convolution(channels, 2 * keys + values, projectionKernel ?? kernel);
  const output = linear({ inputs: values, outputs: values });
  const depth = keys / heads;
  return defineLayer<AugmentedParams, tf.Tensor4D, tf.Tensor4D>({
    init: (key) => ({
      convolution: plain.init(fold(key, "convolution")),
      projection: projection.init(fold(key, "projection")),
      output: output.init(fold(key, "output")),
      ...(relative
        ? {
            rows: normal<tf.Rank.R2>(fold(key, "rows"), [2 * grid[0] - 1, depth], 0, depth ** -0.5),
            columns: normal<tf.Rank.R2>(fold(key, "columns"), [2 * grid[1] - 1, depth], 0, depth ** -0.5),
          }
        : {}),
    }),
    apply(params, x, context) {
      expectShape(x, ["B", ...grid, channels], `${who} input`);
      const [batch, height, width] = x.shape;
      const joint: tf.Tensor3D = tf.reshape(projection.apply(params.projection, x), [
        batch,
        height * width,
        2 * keys + values,
      ]);
      const slice = (from: number, width: number) =>
        splitHeads(tf.slice3d(joint, [0, 0, from], [-1, -1, width]), heads);
      const [q, k, v] = [slice(0, keys), slice(keys, keys), slice(2 * keys, values)]; // [B, heads, N, D] each
      const scaled: tf.Tensor4D = tf.mul(q, depth ** -0.5);
      const { rows, columns } = params;
      const [wideQ, wideK] =
        rows === undefined || columns === undefined ? [scaled, k] : withOffsets(scaled, k, rows, columns, grid);
      observeQueries(context, wideQ, options, (one) => tf.softmax(tf.matMul(one, wideK, false, true)));
      const none = tf.zeros<tf.Rank.R4>([batch, heads, 1, height * width]);
      const attended = output.apply(params.output, combine(tiledSoftmaxProduct(wideQ, wideK, v, none), grid), context); // [B, H, W, values]
      return tf.concat([plain.apply(params.convolution, x), attended], 3);
    },
  });
}
