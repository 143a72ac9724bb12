import type { HalfInput } from "@ganymede/attention";
import { resolveMixer, reversible } from "@ganymede/attention";
import type { Layer, ModelParts, ParamTree, Ref } from "@ganymede/core";
import { defineLayer } from "@ganymede/core";
import type { TokenLayer } from "@ganymede/core/nn";
import { compose, equalizedLinear as linear, mlp, stack, styledNorm } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** Sizes and the setting that names a mixer. */
export interface MixerOptions {
  readonly width: number;
  readonly heads: number;
  /** Side of the map. */
  readonly side: number;
  /** The setting, for errors: `generator.fine.mixing`. */
  readonly where: string;
}

/** The mixer of a map's tokens that a config names. */
export function mixerOf(ref: Ref, parts: ModelParts, { width, heads, side, where }: MixerOptions): TokenLayer {
  const mixer = resolveMixer(ref, parts, `skinny: ${where}`);
  return mixer.create({ channels: width, heads, linear, grid: [side, side] });
}

/** LayerNorm, times 1 + a w + b if w modulates it, with a learned scale and shift if it does not (styleWidth null). */
export const normOf = (width: number, styleWidth: number | null) =>
  styledNorm({ width, styleWidth, epsilon: 1e-5, form: "release" });

/** Sizes and parts of a sequence of blocks. */
export interface BlocksOptions {
  readonly width: number;
  readonly count: number;
  /** Hidden width of the MLPs over width. */
  readonly mlpRatio: number;
  /** Whether activations are computed again in the backward pass. Default: false. */
  readonly reversible?: boolean;
  /** Width of w; null if norms are not modulated. Default: null. */
  readonly styleWidth?: number | null;
  /** What mixes the tokens; gives an update. */
  readonly mixer: TokenLayer;
}

/** Tokens and styles of a sequence of blocks. */
export interface BlocksInput {
  /** `[B, N, width]`. */
  readonly x: tf.Tensor3D;
  /** One w for all blocks, or one for each. Default: none. */
  readonly styles?: readonly tf.Tensor2D[];
}

/**
 * Transformer blocks: h' = h + mix(norm(h, w)), then h' + MLP(norm(h', w)). Reversible ones work on two copies of h, and y is the mean
 * of both: y1 = h1 + mix(norm(h2, w)), y2 = h2 + MLP(norm(y1, w)), with the same parameters.
 *
 * Shape: x `[B, N, width]` to the same.
 * Source: Lee et al. 2022, ViTGAN, arXiv 2107.04589, section 3.2; Gomez et al. 2017, RevNet, arXiv 1707.04585.
 */
export function blocks(options: BlocksOptions): Layer<ParamTree, BlocksInput, tf.Tensor3D> {
  const { width, count, mlpRatio, mixer, styleWidth = null } = options;
  const half = (inner: TokenLayer, index: number) =>
    compose({ norm: normOf(width, styleWidth), inner }, (part, { x, shared }: HalfInput): tf.Tensor3D => {
      const style = shared[Math.min(index, shared.length - 1)] as tf.Tensor2D | undefined;
      return part.inner(part.norm({ x, style }));
    });
  const halves = Array.from({ length: count }, (_, index) => ({
    f: half(mixer, index),
    g: half(mlp({ width, hidden: mlpRatio * width, linear }), index),
  }));
  if (options.reversible === true && count > 0) {
    const sequence = reversible(halves);
    return defineLayer({
      init: sequence.init,
      apply(params, { x, styles = [] }: BlocksInput, context) {
        const doubled = sequence.apply(params, { x: tf.concat3d([x, x], 2), shared: styles }, context);
        const [first, second] = tf.split<tf.Tensor3D>(doubled, 2, 2);
        return tf.mul<tf.Tensor3D>(tf.add(first!, second!), 0.5);
      },
    });
  }
  const plain = halves.map((parts) =>
    compose(parts, (part, { x, shared }: HalfInput): HalfInput => {
      const mixed = tf.add<tf.Tensor3D>(x, part.f({ x, shared }));
      return { x: tf.add(mixed, part.g({ x: mixed, shared })), shared };
    }),
  );
  const sequence = stack(plain);
  return defineLayer({
    init: sequence.init,
    apply: (params, { x, styles = [] }: BlocksInput, context) =>
      sequence.apply(params, { x, shared: styles }, context).x,
  });
}
