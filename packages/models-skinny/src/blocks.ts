import type { HalfInput } from "@ganymede/attention";
import { reversible } from "@ganymede/attention";
import type { Context, Layer, ParamTree } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import { contextAt, equalizedLinear, mlp } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { Mixer } from "./mixer-of.js";
import { styleNorm } from "./style-norm.js";

export interface BlocksOptions {
  readonly width: number;
  readonly count: number;
  readonly mlpRatio: number;
  readonly reversible: boolean;
  /** Width of w, null where norms are not modulated. */
  readonly styleWidth: number | null;
  readonly mixer: Mixer;
}

export interface BlocksInput {
  readonly x: tf.Tensor3D;
  /** One w for all blocks, one for each, or none. */
  readonly styles: readonly tf.Tensor2D[];
}

type HalfParams = { readonly norm: ParamTree; readonly inner: ParamTree };
type Half = Layer<HalfParams, HalfInput, tf.Tensor3D>;

/** An inner layer of the normed tokens, in block `index`. */
function half(inner: Mixer, { width, styleWidth }: BlocksOptions, index: number): Half {
  const norm = styleNorm(width, styleWidth);
  return defineLayer<HalfParams, HalfInput, tf.Tensor3D>({
    init: (key) => ({ norm: norm.init(fold(key, "norm")), inner: inner.init(fold(key, "inner")) }),
    apply(params, { x, shared }, context) {
      const style = shared[Math.min(index, shared.length - 1)] as tf.Tensor2D | undefined;
      return inner.apply(params.inner, norm.apply(params.norm, { x, style }, context), context);
    },
  });
}

export type BlocksParams = readonly { readonly f: HalfParams; readonly g: HalfParams }[];

/**
 * Transformer blocks: h' = h + mix(norm(h, w)), then h' + MLP(norm(h', w)). Reversible ones work on two copies of h, and y is the mean
 * of both: y1 = h1 + mix(norm(h2, w)), y2 = h2 + MLP(norm(y1, w)), with the same parameters.
 *
 * Shapes: x `[B, N, width]` to the same.
 * Source: Lee et al. 2022, ViTGAN, arXiv 2107.04589, section 3.2; Gomez et al. 2017, RevNet, arXiv 1707.04585.
 */
export function blocks(options: BlocksOptions): Layer<BlocksParams, BlocksInput, tf.Tensor3D> {
  const { width, count, mlpRatio, mixer } = options;
  const forward = mlp({ width, hidden: mlpRatio * width, linear: equalizedLinear }) as Mixer;
  const halves = Array.from({ length: count }, (_, index) => ({
    f: half(mixer, options, index),
    g: half(forward, options, index),
  }));
  const init = (key: Parameters<Half["init"]>[0]): BlocksParams =>
    halves.map(({ f, g }, index) => ({
      f: f.init(fold(fold(key, index), "f")),
      g: g.init(fold(fold(key, index), "g")),
    }));
  if (options.reversible && count > 0) {
    const sequence = reversible(halves);
    return {
      init,
      apply(params, { x, styles }, context) {
        const doubled = sequence.apply(params, { x: tf.concat3d([x, x], 2), shared: styles }, context);
        const [first, second] = tf.split(doubled, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
        return tf.mul(tf.add(first, second), 0.5);
      },
    };
  }
  return {
    init,
    apply(params, { x, styles: shared }, context: Context) {
      return halves.reduce((h, { f, g }, index) => {
        const own = params[index] as BlocksParams[number];
        const at = contextAt(context, index);
        const mixed = tf.add(h, f.apply(own.f, { x: h, shared }, contextAt(at, "f"))) as tf.Tensor3D;
        return tf.add(mixed, g.apply(own.g, { x: mixed, shared }, contextAt(at, "g")));
      }, x);
    },
  };
}
