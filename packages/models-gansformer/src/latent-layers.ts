import type { BipartiteSettings, SimplexParams } from "@ganymede/attention";
import { simplex } from "@ganymede/attention";
import type { Context } from "@ganymede/core";
import { defineLayer, fold } from "@ganymede/core";
import type { LinearParams } from "@ganymede/core/nn";
import { contextAt, equalizedLinear, scaledLeakyRelu } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

export interface LatentLayersOptions {
  /** Width of the latents before and after. */
  readonly inputs: number;
  readonly width: number;
  /** Layers before the last one. */
  readonly layers: number;
  readonly residual: boolean;
  readonly multiplier: number;
  /** Self-attention before each layer; none where left out. */
  readonly attention?: Partial<BipartiteSettings> & { readonly heads: number };
}

export interface LatentSet {
  /** `[B, rows, inputs]`. */
  readonly latents: tf.Tensor3D;
  /** `[rows, P]`, for self-attention. */
  readonly positions?: tf.Tensor2D | undefined;
  /** `[B, inputs]`, the vector of each image's class. */
  readonly classes?: tf.Tensor2D | undefined;
  /** `[B, rows]`, 0 for components that are left out. */
  readonly mask?: tf.Tensor2D | undefined;
}

type BlockParams = { readonly linear: readonly LinearParams[]; readonly attention?: SimplexParams };

export type LatentLayersParams = { readonly blocks: readonly BlockParams[]; readonly output: LinearParams };

/** One layer, or two with a shortcut around them that leaves attention out. */
function latentBlock(inputs: number, { width, residual, multiplier, attention }: LatentLayersOptions) {
  const first = equalizedLinear({ inputs, outputs: width, multiplier });
  const second = residual ? equalizedLinear({ inputs: width, outputs: width, multiplier }) : undefined;
  const { heads, ...settings } = attention ?? { heads: 0 };
  const self = heads === 0 ? undefined : simplex(settings).create({ channels: inputs, heads });
  return defineLayer<BlockParams, LatentSet, tf.Tensor3D>({
    init: (key) => ({
      linear: [first, second].flatMap((layer, index) => (layer === undefined ? [] : [layer.init(fold(key, index))])),
      ...(self === undefined ? {} : { attention: self.init(fold(key, "attention")) }),
    }),
    apply(params, { latents, positions, mask }, context) {
      const places = positions === undefined ? {} : { positions, memoryPositions: positions };
      const masked = mask === undefined ? {} : { mask };
      const attended =
        self === undefined || params.attention === undefined
          ? latents
          : self.apply(params.attention, { x: latents, memory: latents, ...places, ...masked }, context);
      const [inner, outer] = params.linear as readonly [LinearParams, LinearParams?];
      const mapped = scaledLeakyRelu(first.apply(inner, attended, context));
      if (second === undefined || outer === undefined) return mapped;
      return tf.leakyRelu(tf.add(second.apply(outer, mapped, context), latents), 0.2);
    },
  });
}

/**
 * The mapping network's layers, for each latent alone but for self-attention: h' = SA(h), then lrelu(f1(lrelu(f0 h')) + h) with
 * shortcuts, or lrelu(f h') without; one more map ends it.
 *
 * Shapes: latents `[B, rows, inputs]` to `[B, rows, width]`.
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.2; dorarad/gansformer, options `resnet`, `ltnt2ltnt`.
 */
export function latentLayers(options: LatentLayersOptions) {
  const { inputs, width, layers, residual, multiplier } = options;
  const count = residual ? Math.floor((layers + 1) / 2) : layers;
  const blocks = Array.from({ length: count }, (_, index) => latentBlock(index === 0 ? inputs : width, options));
  const output = equalizedLinear({ inputs: count === 0 ? inputs : width, outputs: width, multiplier });
  return defineLayer<LatentLayersParams, LatentSet, tf.Tensor3D>({
    init: (key) => ({
      blocks: blocks.map((block, index) => block.init(fold(fold(key, "blocks"), index))),
      output: output.init(fold(key, "output")),
    }),
    apply(params, set, context: Context) {
      const mixed = blocks.reduce(
        (latents, block, index) =>
          block.apply(params.blocks[index] as BlockParams, { ...set, latents }, contextAt(context, index)),
        set.latents,
      );
      return scaledLeakyRelu(output.apply(params.output, mixed, context));
    },
  });
}
