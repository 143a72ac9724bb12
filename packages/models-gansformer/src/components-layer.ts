import type { BipartiteInput } from "@ganymede/attention";
import { attentionVariants } from "@ganymede/attention";
import type { AttentionVariant, Context, Layer, ParamTree, Ref } from "@ganymede/core";
import { defineLayer, refId, resolveAttention } from "@ganymede/core";
import { equalizedLinear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BipartiteConfig } from "./config.js";

/** Attention of tokens to a memory that knows where both stand. */
export type BipartiteLayer = Layer<ParamTree, BipartiteInput, tf.Tensor3D>;

/** The pixels of a map after attention to the components. */
export interface Attended {
  /** `[B, N, C]`. */
  readonly y: tf.Tensor3D;
  /** `[B, heads, k, N]`, from which the centroids of the next layer start; absent if they are not carried. */
  readonly assignments?: tf.Tensor4D;
}

/** Attention that also gives its assignments. */
interface Assigning {
  attend(params: ParamTree, input: BipartiteInput, context: Context): Attended;
}

const assigns = (layer: object): layer is Assigning => "attend" in layer;

function defaultsOf(ref: Ref, variants: readonly AttentionVariant[]): object {
  return variants.find(({ id, role }) => id === refId(ref) && role === "cross")?.defaults ?? {};
}

/**
 * Whether an attention reads where the latents stand: one with positional encodings does, unless it compares pixels with centroids, which
 * stand nowhere.
 */
export function readsLatentPositions(ref: Ref, variants: readonly AttentionVariant[] = []): boolean {
  const defaults = defaultsOf(ref, [...variants, ...attentionVariants]);
  return "positionWidth" in defaults && !("centroids" in defaults);
}

/** Whether the latents have positions that somebody reads: self-attention between them, their gates, or the attention of the pixels. */
export function usesPositions(config: BipartiteConfig, variants?: readonly AttentionVariant[]): boolean {
  const { latentPositions, betweenLatents, gates, variant } = config;
  return latentPositions && (betweenLatents || gates.latents || readsLatentPositions(variant, variants));
}

/** Sizes of the map and the latents, and what is known of the place. */
export interface ComponentsOptions {
  readonly channels: number;
  readonly grid: readonly [rows: number, columns: number];
  readonly latentWidth: number;
  /** Whether this is the first layer that attends, which has no assignments to start from. */
  readonly first: boolean;
  /** Attentions from outside, before those of `@ganymede/attention`. */
  readonly variants: readonly AttentionVariant[];
}

/**
 * The attention of a map to its components that a config names. Settings of the config reach every variant that has one of the same name,
 * and those of the reference itself come before them. An update is added to the map.
 *
 * @throws GanymedeError `unknown-name` for an unknown variant, listing the known ones.
 */
export function componentsLayer(config: BipartiteConfig, options: ComponentsOptions) {
  const { latentWidth, first, channels, grid } = options;
  const { variant: ref, components, position, gates, centroids, heads, integration, norm, dropout, rounds } = config;
  const variants = [...options.variants, ...attentionVariants];
  const carries = centroids === "carried";
  const shared = {
    integration,
    norm,
    dropout,
    rounds,
    latents: components,
    centroids: carries && first ? "latents" : centroids,
    gates: { tokens: gates.pixels, memory: gates.latents },
    positionWidth: position.kind === "none" ? null : latentWidth,
  };
  const defaults = defaultsOf(ref, variants);
  const known = Object.fromEntries(Object.entries(shared).filter(([name]) => Object.hasOwn(defaults, name)));
  const chosen = { ...known, ...(typeof ref === "string" ? { id: ref } : ref) };
  const variant = resolveAttention(variants, chosen, ["cross"], "gansformer: generator.attention.variant");
  const layer = variant.create({ channels, memoryChannels: latentWidth, heads, linear: equalizedLinear, grid });
  return defineLayer<ParamTree, BipartiteInput, Attended>({
    init: (key) => layer.init(key),
    apply(params, input, context) {
      const output: Attended =
        carries && assigns(layer) ? layer.attend(params, input, context) : { y: layer.apply(params, input, context) };
      return variant.replaces === true ? output : { ...output, y: tf.add(input.x, output.y) };
    },
  });
}
