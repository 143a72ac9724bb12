import type { BipartiteInput, BipartiteSettings } from "@ganymede/attention";
import { attentionVariants, duplex, simplex } from "@ganymede/attention";
import type { AttentionOptions, AttentionVariant, Context, CrossAttentionPart, ParamTree } from "@ganymede/core";
import { resolveAttention } from "@ganymede/core";
import { equalizedLinear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BipartiteConfig } from "./config.js";

/** A map's pixels changed by what they read of the components. */
export interface Attended {
  /** `[B, N, C]`. */
  readonly y: tf.Tensor3D;
  /** `[B, heads, N, k]`, where the variant shows them. */
  readonly weights?: tf.Tensor4D;
  /** `[B, heads, k, N]`, for the centroids of the next layer. */
  readonly assignments?: tf.Tensor4D;
}

export interface ComponentsLayer {
  init: (key: Parameters<ReturnType<CrossAttentionPart["create"]>["init"]>[0]) => ParamTree;
  attend(params: ParamTree, input: BipartiteInput, context: Context): Attended;
}

/** The settings that simplex and duplex attention share. */
function settingsOf(config: BipartiteConfig, positionWidth: number | null): BipartiteSettings {
  const { integration, norm, gates, dropout } = config;
  return {
    integration,
    norm,
    positionWidth,
    gates: { tokens: gates.pixels, memory: gates.latents },
    dropout,
  };
}

/**
 * The attention of a map to its components that a config names. Simplex and duplex attention change the map as the config says; the
 * output of any other is added to it.
 *
 * @param first whether this is the first layer that attends, which has no assignments to start from.
 * @throws GanymedeError `invalid-config` for an unknown variant, listing the known ones.
 */
export function componentsLayer(
  config: BipartiteConfig,
  sizes: Pick<AttentionOptions, "channels" | "memoryChannels" | "grid">,
  first: boolean,
  variants: readonly AttentionVariant[],
): ComponentsLayer {
  const options: AttentionOptions = { ...sizes, heads: config.heads, linear: equalizedLinear };
  const { id, ...chosen } = typeof config.variant === "string" ? { id: config.variant } : config.variant;
  const settings = settingsOf(config, config.position.kind === "none" ? null : (sizes.memoryChannels as number));
  if (id === simplex.id) {
    const layer = simplex({ ...settings, ...chosen }).create(options);
    return { init: layer.init, attend: (params, input, context) => layer.attend(params as never, input, context) };
  }
  if (id === duplex.id) {
    const { components: latents, rounds } = config;
    const centroids = config.centroids === "carried" && first ? "latents" : config.centroids;
    const layer = duplex({ ...settings, centroids, latents, rounds, ...chosen }).create(options);
    return {
      init: layer.init,
      attend(params, { assignments, ...input }, context) {
        const carried = config.centroids === "carried" && assignments !== undefined ? { assignments } : {};
        return layer.attend(params as never, { ...input, ...carried }, context);
      },
    };
  }
  const where = "gansformer: generator.attention.variant";
  const variant = resolveAttention([...variants, ...attentionVariants], config.variant, ["cross"], where);
  const layer = variant.create(options);
  return {
    init: layer.init,
    attend(params, input, context) {
      const y = layer.apply(params, input, context);
      return { y: variant.replaces === true ? y : tf.add(input.x, y) };
    },
  };
}
