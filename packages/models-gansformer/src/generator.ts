import type { AttentionVariant, Context, ParamsOf } from "@ganymede/core";
import { expectShape, fold, inference, normal, uniform } from "@ganymede/core";
import type { Bound } from "@ganymede/core/nn";
import {
  allWeights,
  boundTo,
  classEmbedding,
  compose,
  learned,
  mix,
  mixingMask,
  observingAttention,
} from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { usesPositions } from "./components-layer.js";
import type { GansformerConfig } from "./config.js";
import { mappingNetwork } from "./mapping-network.js";
import type { LayerStyle } from "./synthesis-layer.js";
import { attentionMaps, synthesisNetwork } from "./synthesis-network.js";

/**
 * GANsformer's generator: w = mapping(z) for k components and a global latent, which modulates the convolutions; the components steer
 * regions through attention. Without components it is StyleGAN2's.
 *
 * Shapes: z `[B, (k + 1) d]` to images `[B, H, W, C]`, values around [-1, 1], not clamped. Styles w are `[B, (k + 1) d]`, those of all
 * L layers `[B, L, (k + 1) d]`. The context carries the labels `[B]` if there are classes.
 * Source: Hudson and Zitnick 2021, arXiv 2103.01209, section 3.
 */
export function createGenerator(config: GansformerConfig, variants: readonly AttentionVariant[] = []) {
  const { generator, classes, imageSize } = config;
  const { latentWidth, style, styleMixing } = generator;
  const attention = generator.attention.kind === "none" ? undefined : generator.attention;
  const { components = 0, heads = 1, dropout = 0, componentDropout = 0, componentMixing = 0 } = attention ?? {};
  const positions = attention !== undefined && usesPositions(attention, variants);
  const positionWidth = positions ? latentWidth : null;
  const rows = components + (style ? 1 : 0);
  const latentSize = rows * latentWidth;
  const table = (count: number, draw: typeof normal) => learned((key) => draw<tf.Rank.R2>(key, [count, latentWidth]));
  const synthesis = synthesisNetwork(config, variants);
  const parts = {
    positions: positions ? table(components, uniform) : undefined,
    classes: classes === 0 ? undefined : table(classes, normal),
    mapping: mappingNetwork({
      ...generator.mapping,
      inputs: latentWidth,
      width: latentWidth,
      components,
      global: style,
      attention: attention?.betweenLatents
        ? { integration: "add", norm: null, heads, dropout, positionWidth }
        : undefined,
    }),
    synthesis,
  };
  type Part = Bound<typeof parts>;

  /** The components of each image, 0 for those left out; the same for mapping and synthesis. Undefined if none can be. */
  function maskOf(batch: number, context: Context): tf.Tensor2D | undefined {
    if (context.mode !== "training" || componentDropout === 0) return undefined;
    const draws = uniform<tf.Rank.R2>(fold(context.key, "component dropout"), [batch, components]);
    return tf.cast(tf.greaterEqual(draws, componentDropout), "float32");
  }

  function mapping(part: Part, z: tf.Tensor2D, context: Context): tf.Tensor2D {
    const [batch] = z.shape;
    const latents: tf.Tensor3D = tf.reshape(z, [batch, rows, latentWidth]);
    const vectors = part.classes && classEmbedding(part.classes, context, "gansformer generator");
    const set = { latents, positions: part.positions, mask: maskOf(batch, context), classes: vectors };
    return tf.reshape(part.mapping(set), [batch, latentSize]);
  }

  function split(w: tf.Tensor2D): LayerStyle {
    const [batch] = w.shape;
    const local = components * latentWidth;
    return {
      ...(components > 0 && {
        components: tf.reshape<tf.Rank.R3>(tf.slice2d(w, [0, 0], [batch, local]), [batch, components, latentWidth]),
      }),
      ...(style && { global: tf.slice2d(w, [0, local], [batch, latentWidth]) }),
    };
  }

  /** Images of one w for all layers, or of one for each. */
  function draw(part: Part, all: readonly tf.Tensor2D[], context: Context): tf.Tensor4D {
    const [batch] = all[0]!.shape;
    const styles = all.map(split);
    const styleAt = (layer: number) => styles[all.length === 1 ? 0 : layer]!;
    return part.synthesis({ batch, styleAt, latentPositions: part.positions, mask: maskOf(batch, context) });
  }

  const layer = compose(parts, (part, z: tf.Tensor2D, context) => draw(part, [mapping(part, z, context)], context));
  type Params = ParamsOf<typeof layer>;
  type Training = Extract<Context, { mode: "training" }>;

  /** w of other latents, for mixing; it leaves the running mean as it is. */
  function otherStyles(params: Params, batch: number, { update: _, ...training }: Training, label: string) {
    const context = { ...training, key: fold(training.key, label) };
    return styles.mapping(params, normal(fold(context.key, "z"), [batch, latentSize]), context);
  }

  /** One style per layer; in training, some components and some layers take those of other latents. */
  function layersOf(params: Params, z: tf.Tensor2D, context: Context): tf.Tensor3D {
    const [batch] = z.shape;
    const components = (w: tf.Tensor2D) => tf.reshape<tf.Rank.R3>(w, [batch, rows, latentWidth]);
    const layers = (w: tf.Tensor2D) =>
      tf.broadcastTo<tf.Rank.R3>(tf.expandDims(w, 1), [batch, synthesis.styles, latentSize]);
    let w = styles.mapping(params, z, context);
    if (context.mode === "training" && componentMixing > 0) {
      const other = otherStyles(params, batch, context, "component mixing");
      const mask = mixingMask(fold(context.key, "component cut"), batch, rows, componentMixing);
      w = tf.reshape(mix(tf.expandDims(mask, 2), components(other), components(w)), [batch, latentSize]);
    }
    if (context.mode !== "training" || styleMixing === 0) return layers(w);
    const other = otherStyles(params, batch, context, "style mixing");
    const mask = mixingMask(fold(context.key, "style cut"), batch, synthesis.styles, styleMixing);
    return mix(tf.expandDims(mask, 2), layers(other), layers(w));
  }

  const drawLayers = boundTo(layer, (part, styles: tf.Tensor3D, context) =>
    draw(part, tf.unstack(styles, 1) as tf.Tensor2D[], context),
  );
  const styles = {
    mapping: boundTo(layer, mapping),
    synthesis: boundTo(layer, (part, w: tf.Tensor2D, context) => draw(part, [w], context)),
    layers: { mapping: layersOf, synthesis: drawLayers },
    ...(components > 0 && { components: { count: components, width: latentWidth } }),
  };

  function apply(params: Params, z: tf.Tensor2D, context: Context): tf.Tensor4D {
    expectShape(z, ["B", latentSize], "gansformer generator input");
    return context.mode === "training"
      ? drawLayers(params, layersOf(params, z, context), context)
      : layer.apply(params, z, context);
  }

  /** How much each pixel reads of each component when w is drawn, `[B, k, layers, heads, H, W]`. */
  function attend(params: Params, w: tf.Tensor2D): tf.Tensor {
    const weights: tf.Tensor4D[] = [];
    styles.synthesis(
      params,
      w,
      observingAttention(inference, (attention) => weights.push(allWeights(attention))),
    );
    return attentionMaps(weights, imageSize);
  }
  return { ...layer, apply, latentSize, styles, attend };
}
