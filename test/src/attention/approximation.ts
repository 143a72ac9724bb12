import { dotProduct, fullQk, linformer, lsh, nystrom, performer } from "@ganymede/attention";
import type { AttentionOptions, Layer, ParamTree, SelfAttentionPart } from "@ganymede/core";
import { inference, key, normal } from "@ganymede/core";
import { gridPositions, linear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** How far a variant is from the attention that it approximates, as its knob turns. */
export interface ErrorCurve {
  readonly id: string;
  readonly knob: string;
  /** What is exact: another variant with the same weights. */
  readonly exact: string;
  readonly points: readonly { readonly value: number; readonly error: number }[];
}

const side = 16;
const options: AttentionOptions = { channels: 64, heads: 4, grid: [side, side] };
const seeds = [1, 2, 3];

/** Tokens as an image's are: smooth over the map, with a little noise. [2, 256, 64]. */
function tokens(seed: number): tf.Tensor3D {
  const waves = linear({ inputs: 2, outputs: 64 }).init(key(seed)).weight;
  const phases = normal(key(seed + 100), [2, 1, 64], 0, 2);
  const angles = tf.add(tf.mul(tf.matMul(gridPositions(side), waves), 6), phases);
  return tf.add(tf.mul(tf.sin(angles), 1.2), normal(key(seed + 200), [2, side * side, 64], 0, 0.3));
}

type AnyLayer = Layer<ParamTree, tf.Tensor3D, tf.Tensor3D>;
type Variant = (value: number, seed: number) => SelfAttentionPart;

/** Relative error |y - exact| / |exact|, root mean square over draws of weights, tokens and features. */
function errorOf(
  variant: Variant,
  exact: SelfAttentionPart,
  value: number,
  adapt: (params: ParamTree) => ParamTree,
): number {
  const squares = seeds.map((seed) =>
    tf.tidy(() => {
      const reference = exact.create(options) as AnyLayer;
      const layer = variant(value, seed).create(options) as AnyLayer;
      const params = reference.init(key(seed));
      const x = tokens(seed);
      const y = reference.apply(params, x, inference);
      const difference = tf.norm(tf.sub(layer.apply(adapt(params), x, inference), y));
      return (tf.div(difference, tf.norm(y)).dataSync()[0] as number) ** 2;
    }),
  );
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

/** Linformer learns its mixing; without training, means of runs of tokens stand for it. */
function withMeans(rank: number) {
  const count = side * side;
  const run = count / rank;
  const means = Float32Array.from({ length: rank * count }, (_, place) =>
    Math.floor((place % count) / run) === Math.floor(place / count) ? 1 / run : 0,
  );
  const mix = () => tf.tensor2d(means, [rank, count]);
  return (params: ParamTree): ParamTree => ({ ...(params as object), mixKeys: mix(), mixValues: mix() });
}

const same = (params: ParamTree): ParamTree => params;

/** Every approximating variant against exact attention with the same weights: 256 tokens, 4 heads of width 16. */
export function errorCurves(): ErrorCurve[] {
  const curve = (
    knob: string,
    exact: SelfAttentionPart,
    values: readonly number[],
    variant: Variant,
    adapt: (value: number) => (params: ParamTree) => ParamTree = () => same,
  ): ErrorCurve => ({
    id: variant(values[0] as number, 1).id,
    knob,
    exact: exact.id,
    points: values.map((value) => ({ value, error: errorOf(variant, exact, value, adapt(value)) })),
  });
  const features = [8, 16, 32, 64, 128, 256, 512];
  return [
    curve("features", dotProduct(), features, (count, seed) => performer({ features: count, seed })),
    curve("landmarks", dotProduct(), [4, 8, 16, 32, 64, 128], (landmarks) => nystrom({ landmarks })),
    curve("rank", dotProduct(), [4, 8, 16, 32, 64, 128], (rank) => linformer({ rank }), withMeans),
    curve("rounds", fullQk(), [1, 2, 4, 8, 16], (rounds, seed) => lsh({ bucketSize: 16, rounds, seed })),
  ];
}
