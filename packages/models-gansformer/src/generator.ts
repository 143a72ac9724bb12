import type { AttentionVariant, Context, ParamsOf } from "@ganymede/core";
import { defineLayer, expectShape, fold, inference, normal, uniform } from "@ganymede/core";
import { classVectors, contextAt, mix, mixingMask } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { componentSettings } from "./component-settings.js";
import type { GansformerConfig } from "./config.js";
import { mappingNetwork } from "./mapping-network.js";
import type { LayerStyle } from "./synthesis-layer.js";
import { attentionMaps, synthesisNetwork } from "./synthesis-network.js";

/**
 * GANsformer's generator: w = mapping(z) for k components and a global latent, which modulates the convolutions; the components steer
 * regions through attention. Without components it is StyleGAN2's.
 *
 * Shapes: z `[B, (k + 1) d]` to images `[B, H, W, C]`, values around [-1, 1], not clamped. Styles w are `[B, (k + 1) d]`, those of all
 * L layers `[B, L, (k + 1) d]`. The context carries the labels `[B]` where there are classes.
 * Source: Hudson and Zitnick 2021, arXiv 2103.01209, section 3.
 */
export function createGenerator(config: GansformerConfig, variants: readonly AttentionVariant[] = []) {
  const { generator, classes } = config;
  const { latentWidth, style, attention, styleMixing } = generator;
  const { components, latentAttention, usesPositions, dropout, mixing } = componentSettings(attention);
  const rows = components + (style ? 1 : 0);
  const latentSize = rows * latentWidth;
  const mapping = mappingNetwork({
    ...generator.mapping,
    inputs: latentWidth,
    width: latentWidth,
    components,
    global: style,
    ...(latentAttention === undefined
      ? {}
      : { attention: { ...latentAttention, positionWidth: usesPositions ? latentWidth : null } }),
  });
  const synthesis = synthesisNetwork(config, variants);

  const layer = defineLayer({
    init: (key) => ({
      ...(usesPositions
        ? { positions: uniform<tf.Rank.R2>(fold(key, "positions"), [components, latentWidth], 0, 1) }
        : {}),
      ...(classes === 0 ? {} : { classes: normal<tf.Rank.R2>(fold(key, "classes"), [classes, latentWidth]) }),
      mapping: mapping.init(fold(key, "mapping")),
      synthesis: synthesis.init(fold(key, "synthesis")),
    }),
    apply(params, z: tf.Tensor2D, context: Context): tf.Tensor4D {
      expectShape(z, ["B", latentSize], "gansformer generator input");
      if (context.mode !== "training") return draw(params, stylesOf(params, z, context), context).images;
      return drawLayers(params, layersOf(params, z, context), context);
    },
  });
  type Params = ParamsOf<typeof layer>;

  /** Which components an image has, the same for mapping and drawing; all where nothing is dropped. */
  function maskOf(batch: number, context: Context): tf.Tensor2D | undefined {
    if (context.mode !== "training" || dropout === 0) return undefined;
    const drawn = uniform<tf.Rank.R2>(fold(context.key, "component dropout"), [batch, components], 0, 1);
    return tf.cast(tf.greaterEqual(drawn, dropout), "float32");
  }

  function stylesOf(params: Params, z: tf.Tensor2D, context: Context): tf.Tensor2D {
    const [batch] = z.shape;
    const latents = tf.reshape(z, [batch, rows, latentWidth]) as tf.Tensor3D;
    const vectors =
      params.classes === undefined ? undefined : classVectors(params.classes, context, "gansformer generator");
    const set = { latents, positions: params.positions, mask: maskOf(batch, context), classes: vectors };
    return tf.reshape(mapping.apply(params.mapping, set, contextAt(context, "mapping")), [batch, latentSize]);
  }

  /** A style of another latent, for mixing; it leaves no trace in the running mean. */
  function otherStyles(params: Params, batch: number, context: Context & { readonly mode: "training" }, name: string) {
    const key = fold(context.key, name);
    const z = normal<tf.Rank.R2>(fold(key, "z"), [batch, latentSize]);
    const { update: _, ...quiet } = context;
    return stylesOf(params, z, { ...quiet, key });
  }

  /** One style per layer; in training, some layers' and some components' are other latents'. */
  function layersOf(params: Params, z: tf.Tensor2D, context: Context): tf.Tensor3D {
    const [batch] = z.shape;
    let w = tf.expandDims(stylesOf(params, z, context), 1) as tf.Tensor3D; // [B, 1, D]
    if (context.mode === "training" && mixing > 0) {
      const other = tf.expandDims(otherStyles(params, batch, context, "component mixing"), 1) as tf.Tensor3D;
      const mask = mixingMask(fold(context.key, "component cut"), batch, rows, mixing);
      const wide = tf.broadcastTo(tf.expandDims(mask, 2), [batch, rows, latentWidth]);
      w = mix(tf.reshape(wide, [batch, 1, latentSize]), other, w);
    }
    const all = tf.broadcastTo(w, [batch, synthesis.styles, latentSize]) as tf.Tensor3D;
    if (context.mode !== "training" || styleMixing === 0) return all;
    const other = tf.expandDims(otherStyles(params, batch, context, "style mixing"), 1) as tf.Tensor3D;
    const mask = mixingMask(fold(context.key, "style cut"), batch, synthesis.styles, styleMixing);
    return mix(tf.expandDims(mask, 2), tf.broadcastTo(other, all.shape) as tf.Tensor3D, all);
  }

  function split(w: tf.Tensor2D): LayerStyle {
    const [batch] = w.shape;
    const local = components * latentWidth;
    const own = tf.slice2d(w, [0, 0], [batch, local]);
    return {
      ...(components === 0 ? {} : { components: tf.reshape(own, [batch, components, latentWidth]) as tf.Tensor3D }),
      ...(style ? { global: tf.slice2d(w, [0, local], [batch, latentWidth]) } : {}),
    };
  }

  function drawWith(params: Params, batch: number, styleAt: (layer: number) => LayerStyle, context: Context) {
    const input = { batch, styleAt, latentPositions: params.positions, mask: maskOf(batch, context) };
    return synthesis.apply(params.synthesis, input, contextAt(context, "synthesis"));
  }

  function draw(params: Params, w: tf.Tensor2D, context: Context) {
    const shared = split(w);
    return drawWith(params, w.shape[0], () => shared, context);
  }

  function drawLayers(params: Params, styles: tf.Tensor3D, context: Context): tf.Tensor4D {
    const each = tf.unstack(styles, 1).map((w) => split(w as tf.Tensor2D));
    return drawWith(params, styles.shape[0], (at) => each[at] as LayerStyle, context).images;
  }

  const styles = {
    of: stylesOf,
    draw: (params: Params, w: tf.Tensor2D, context: Context) => draw(params, w, context).images,
    layers: { of: layersOf, draw: drawLayers },
    ...(components === 0 ? {} : { components: { count: components, width: latentWidth } }),
  };
  /** What each pixel reads of each component, `[B, k, layers, heads, H, W]`, when w is drawn. */
  const attend = (params: Params, w: tf.Tensor2D) =>
    attentionMaps(draw(params, w, inference).weights, config.imageSize);
  return { ...layer, latentSize, styles, attend };
}
