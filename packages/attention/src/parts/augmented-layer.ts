import type { AttentionOptions, Key } from "@ganymede/core";
import { defineLayer, expectShape, fold, GanymedeError, normal } from "@ganymede/core";
import type { SettingsOf } from "@ganymede/core/config";
import { flag, nullable, real, record, whole } from "@ganymede/core/config";
import type { LinearParams } from "@ganymede/core/nn";
import { linear, observeWeights, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { gridOf } from "./logit-bias.js";

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

/** q [B, heads, H, W, D] times the vector of each offset along one axis: [B, heads, H W, H W]. */
function relativeLogits(
  q: tf.Tensor4D,
  table: tf.Tensor2D,
  [height, width]: readonly [number, number],
  axis: 0 | 1,
): tf.Tensor {
  const size = axis === 0 ? height : width;
  const tokens = height * width;
  const at = (pixel: number) => (axis === 0 ? Math.floor(pixel / width) : pixel % width);
  // For each pair of pixels the place of their offset, j - i, among all.
  const chosen = Int32Array.from({ length: tokens ** 2 }, (_, pair) => {
    return at(pair % tokens) - at(Math.floor(pair / tokens)) + size - 1;
  });
  const vectors = tf.reshape(tf.gather(table, tf.tensor1d(chosen, "int32")), [1, tokens, tokens, q.shape[3]]);
  const [batch, heads, , depth] = q.shape;
  const folded = tf.reshape(tf.transpose(q, [2, 0, 1, 3]), [1, tokens, batch * heads, depth]);
  const products = tf.matMul(folded, vectors, false, true); // [1, N, B heads, N]
  return tf.reshape(tf.transpose(tf.squeeze(products, [0]), [1, 0, 2]), [batch, heads, tokens, tokens]);
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
      const products: tf.Tensor4D = tf.matMul(scaled, k, false, true);
      const logits: tf.Tensor4D =
        rows === undefined || columns === undefined
          ? products
          : tf.add(products, tf.add(relativeLogits(scaled, rows, grid, 0), relativeLogits(scaled, columns, grid, 1)));
      const weights = tf.softmax(logits); // [B, heads, N, N]
      observeWeights(context, weights, { queryGrid: grid, keyGrid: grid });
      const attended = output.apply(params.output, combine(tf.matMul(weights, v), grid), context); // [B, H, W, values]
      return tf.concat([plain.apply(params.convolution, x), attended], 3);
    },
  });
}
