import type { BipartiteInput, BipartiteSettings, Centroids } from "@ganymede/attention";
import { add, both, duplex, latentCentroids, learnedCentroids, multiply, simplex } from "@ganymede/attention";
import type { AttentionOptions, AttentionVariant, Context, CrossAttention, ParamTree } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
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
  init: (key: Parameters<ReturnType<CrossAttention["create"]>["init"]>[0]) => ParamTree;
  attend(params: ParamTree, input: BipartiteInput, context?: Context): Attended;
}

export const integrations = { add, both, multiply };

/** Centroids that a layer before has left; there is nothing to start from. */
const carriedCentroids: Centroids = {
  create: () => ({
    init: () => ({}),
    apply() {
      throw new GanymedeError(
        "invalid-argument",
        "carriedCentroids: a layer before must have left assignments, got none",
      );
    },
  }),
};

function startOf({ centroids, components }: BipartiteConfig, first: boolean): Centroids {
  if (centroids === "learned") return learnedCentroids(components);
  return centroids === "latents" || first ? latentCentroids : carriedCentroids;
}

/** The settings that simplex and duplex attention share. */
function settingsOf(config: BipartiteConfig, positionWidth: number | null): BipartiteSettings {
  const { integration, norm, gates, dropout } = config;
  return {
    integration: integrations[integration],
    norm,
    positionWidth,
    gates: { tokens: gates.pixels, memory: gates.latents },
    dropout,
  };
}

function outside(variants: readonly AttentionVariant[], id: string): CrossAttention {
  const crosses = variants.filter((variant) => variant.role === "cross");
  const found = crosses.find((variant) => variant.id === id);
  if (found !== undefined) return found;
  const known = ["duplex", "simplex", ...crosses.map((variant) => variant.id)];
  throw new GanymedeError(
    "invalid-config",
    `gansformer: no cross-attention is called "${id}"; known: ${[...new Set(known)].join(", ")}`,
  );
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
  sizes: Pick<AttentionOptions, "channels" | "memoryChannels">,
  first: boolean,
  variants: readonly AttentionVariant[],
): ComponentsLayer {
  const options: AttentionOptions = { ...sizes, heads: config.heads, linear: equalizedLinear };
  const settings = settingsOf(config, config.position.kind === "none" ? null : (sizes.memoryChannels as number));
  if (config.variant === "simplex") {
    const layer = simplex(settings).create(options);
    return { init: layer.init, attend: (params, input, context) => layer.attend(params as never, input, context) };
  }
  if (config.variant === "duplex") {
    const centroids = startOf(config, first);
    const layer = duplex({ ...settings, centroids, rounds: config.rounds }).create(options);
    return {
      init: layer.init,
      attend(params, { assignments, ...input }, context) {
        const carried = config.centroids === "carried" && assignments !== undefined ? { assignments } : {};
        return layer.attend(params as never, { ...input, ...carried }, context);
      },
    };
  }
  const layer = outside(variants, config.variant).create(options);
  return {
    init: layer.init,
    attend: (params, input, context) => ({ y: tf.add(input.x, layer.apply(params, input, context)) }),
  };
}
