import type { BipartiteSettings } from "@ganymede/attention";
import { simplex } from "@ganymede/attention";
import type { MappingNetworkOptions as PlainMappingOptions } from "@ganymede/core/nn";
import { compose, equalizedLinear, learned, pixelNorm, scaledLeakyRelu } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BipartiteLayer } from "./components-layer.js";

/** Widths before and after, layers before the last one, learning-rate multiplier, see `mappingNetwork` of core. */
interface LatentLayersOptions extends PlainMappingOptions {
  /** Two layers at a time with a shortcut around them. */
  readonly residual: boolean;
  /** Self-attention before each layer. Default: none. */
  readonly attention?: (Partial<BipartiteSettings> & { readonly heads: number }) | undefined;
}

/** Sizes and parts of a mapping network. */
export interface MappingNetworkOptions extends LatentLayersOptions {
  /** Number k of components; 0 for none. */
  readonly components: number;
  /** Whether there is a global latent, the last row. */
  readonly global: boolean;
}

/** The latents of images and what comes with them. */
export interface LatentSet {
  /** `[B, rows, inputs]`. */
  readonly latents: tf.Tensor3D;
  /** `[rows, P]`, for self-attention. */
  readonly positions?: tf.Tensor2D | undefined;
  /** `[B, rows]`, 0 for components that are left out. */
  readonly mask?: tf.Tensor2D | undefined;
  /** Class embedding of each image, `[B, inputs]`. */
  readonly classes?: tf.Tensor2D | undefined;
}

/** One layer, or two with a shortcut around them that leaves attention out. */
function latentBlock(inputs: number, { width, residual, multiplier, attention }: LatentLayersOptions) {
  const { heads = 0, ...settings } = attention ?? {};
  const among: BipartiteLayer | undefined =
    heads === 0 ? undefined : simplex(settings).create({ channels: inputs, heads });
  const parts = {
    attention: among,
    first: equalizedLinear({ inputs, outputs: width, multiplier }),
    second: residual ? equalizedLinear({ inputs: width, outputs: width, multiplier }) : undefined,
  };
  return compose(parts, (part, { latents, positions, mask }: LatentSet): tf.Tensor3D => {
    const set = { x: latents, memory: latents, positions, memoryPositions: positions, mask };
    const attended = part.attention?.(set) ?? latents;
    const mapped = scaledLeakyRelu(part.first(attended));
    return part.second === undefined ? mapped : tf.leakyRelu(tf.add(part.second(mapped), latents), 0.2);
  });
}

/**
 * The layers of the mapping network, for each latent alone but for self-attention: h' = SA(h), then lrelu(f1(lrelu(f0 h')) + h) with
 * shortcuts, or lrelu(f h') without; one more linear map and lrelu end it.
 *
 * Shape: latents `[B, rows, inputs]` to `[B, rows, width]`.
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.2; dorarad/gansformer, options `resnet`, `ltnt2ltnt`.
 */
function latentLayers(options: LatentLayersOptions) {
  const { inputs, width, layers, residual, multiplier } = options;
  const count = residual ? Math.floor((layers + 1) / 2) : layers;
  const parts = {
    blocks: Array.from({ length: count }, (_, index) => latentBlock(index === 0 ? inputs : width, options)),
    output: equalizedLinear({ inputs: count === 0 ? inputs : width, outputs: width, multiplier }),
  };
  return compose(parts, (part, set: LatentSet) =>
    scaledLeakyRelu(part.output(part.blocks.reduce((latents, block) => block({ ...set, latents }), set.latents))),
  );
}

/** Share of the running mean that a batch keeps. */
const decay = 0.995;

/** x / sqrt(mean(x^2)), the mean over all rows of a sample. */
const normalizeRows = (x: tf.Tensor3D) => tf.reshape<tf.Rank.R3>(pixelNorm(tf.reshape(x, [x.shape[0], -1])), x.shape);

/**
 * z to w for a set of latents: those of k components, mapped by one network, each alone but for attention between them, and a global
 * one with a network of its own. The class embedding of an image is added to each of its normalised latents.
 *
 * Shape: latents `[B, k + 1, inputs]`, without the global one `[B, k, inputs]`, to `[B, k + 1, width]`.
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.2.
 */
export function mappingNetwork({ components, global, attention, ...shared }: MappingNetworkOptions) {
  const parts = {
    components: components === 0 ? undefined : latentLayers({ ...shared, attention }),
    global: global ? latentLayers(shared) : undefined,
    /** Running mean of w over samples and latents, `[width]`. */
    statistics: learned(() => ({ average: tf.zeros<tf.Rank.R1>([shared.width]) })),
  };
  return compose(parts, (part, { latents, positions, mask, classes }: LatentSet, context): tf.Tensor3D => {
    const [batch, , inputs] = latents.shape;
    const rows = (start: number, count: number) => tf.slice3d(latents, [0, start, 0], [batch, count, inputs]);
    const classed = (x: tf.Tensor3D): tf.Tensor3D =>
      classes === undefined ? x : tf.add(x, tf.expandDims(pixelNorm(classes), 1));
    const mapped = [
      part.components?.({ latents: classed(normalizeRows(rows(0, components))), positions, mask }) ?? [],
      part.global?.({ latents: classed(pixelNorm(rows(components, 1))) }) ?? [],
    ].flat();
    const w = tf.concat3d(mapped, 1);
    if (context.mode === "training" && context.update !== undefined) {
      const { average } = part.statistics;
      const observed = tf.mean(w, [0, 1]);
      context.update(average, tf.add(tf.mul(average, decay), tf.mul(observed, 1 - decay)), observed);
    }
    return w;
  });
}
