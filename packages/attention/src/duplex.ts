/**
 * Duplex attention: as simplex attention, but latents first gather what the map holds: pixels are compared with centroids, and after
 * each round a centroid moves to the mean of the pixels assigned to it, as in k-means: logits = (f * a) m^T / sqrt(D), f = the
 * queries by content beside those by position, a learned; m <- (weights / their sum over pixels)^T f.
 * Shapes: x [B, N, C], memory [B, M, memoryChannels], positions [N, P] -> [B, N, C]; f [B, H, N, F], m [B, H, M, F], F = 2 D, or D
 * without positions.
 * Cost: 2 N C^2 + rounds 2 N M F H + N M C multiply-adds beside the memory's, N M weights for each head.
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.1; details from dorarad/gansformer,
 * `pytorch_version/training/networks.py`.
 * Differs from source: keys of the latents, which the release computes and never uses, are not computed. Centroids start as
 * parameters (`learned`, what its pretrained models do), or linear in the latents (`latents`), which is what the
 * paper describes and the release's own attempt at works for one size of map only.
 */
import type { Context, Key } from "@ganymede/core";
import { defineCrossAttention, defineLayer, fold, GanymedeError, normal } from "@ganymede/core";
import { nullable, oneOf, record, whole } from "@ganymede/core/config";
import type { LinearFactory } from "@ganymede/core/nn";
import { equalizedLinear, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BipartiteInput, BipartiteParams, BipartiteResult } from "./parts/bipartite.js";
import { bipartite, bipartiteDefaults, bipartiteSettings } from "./parts/bipartite.js";

type Start = { readonly [name: string]: tf.Tensor };

/** Where centroids start: [B or 1, H, M, F]. */
interface Centroids {
  create(sizes: {
    readonly heads: number;
    readonly width: number;
    readonly memoryChannels: number;
    readonly linear: LinearFactory;
  }): {
    init(key: Key): Start;
    apply(params: Start, memory: tf.Tensor3D, context: Context): tf.Tensor4D;
  };
}

/** Parameters of their own, the same for all samples, drawn from N(0, 1); the number of latents is then fixed. */
const learnedCentroids = (latents: number): Centroids => ({
  create: ({ heads, width }) => ({
    init: (key) => ({ centroids: normal(key, [1, heads, latents, width]) }),
    apply: ({ centroids }) => centroids as tf.Tensor4D,
  }),
});

/** Linear in the latents. */
const latentCentroids: Centroids = {
  create({ heads, width, memoryChannels, linear }) {
    const map = linear({ inputs: memoryChannels, outputs: heads * width });
    return {
      init: (key) => map.init(key) as Start,
      apply: (params, memory, context) => splitHeads(map.apply(params as never, memory, context), heads),
    };
  },
};

/** What the layer before has assigned; there is nothing to start from. */
const carriedCentroids: Centroids = {
  create: () => ({
    init: () => ({}),
    apply() {
      throw new GanymedeError(
        "invalid-argument",
        "duplex: carried centroids need the assignments of a layer before, got none; pass them or choose latents",
      );
    },
  }),
};

const settings = record({
  ...bipartiteSettings.fields,
  /** Where centroids start: linear in the latents, parameters, or what the layer before assigned. Default: `latents`. */
  centroids: oneOf("latents", "learned", "carried"),
  /** Number of latents M, which `learned` centroids must know; null for the others. Default: null. */
  latents: nullable(whole()),
  /** Times that pixels are assigned; centroids move between. Default: 1. */
  rounds: whole(1, 1024),
});

function startOf(centroids: "latents" | "learned" | "carried", latents: number | null): Centroids {
  if (centroids !== "learned") return centroids === "latents" ? latentCentroids : carriedCentroids;
  if (latents !== null) return learnedCentroids(latents);
  throw new GanymedeError("invalid-config", "duplex: learned centroids need latents, the number of them, got null");
}

export type DuplexParams = BipartiteParams & { readonly centroids: Start; readonly importance: tf.Tensor3D };

export type DuplexResult = BipartiteResult & {
  /** `[B, H, M, N]`: each latent's pixels, summing to 1; where centroids of the next layer may start. */
  readonly assignments: tf.Tensor4D;
};

/** Weights [B, H, N, M] as shares of each latent's pixels, [B, H, M, N]. */
function assignmentsOf(weights: tf.Tensor4D): tf.Tensor4D {
  return tf.transpose(tf.div(weights, tf.add(tf.sum(weights, 2, true), 1e-8)), [0, 1, 3, 2]) as tf.Tensor4D;
}

export const duplex = defineCrossAttention({
  id: "duplex",
  source: "https://arxiv.org/abs/2103.01209",
  replaces: true,
  defaults: { ...bipartiteDefaults, centroids: "latents", latents: null, rounds: 1 },
  settings,
  create({ centroids, latents, rounds, ...shared }, options) {
    const { positionWidth } = shared;
    const { channels, memoryChannels = channels, heads, linear = equalizedLinear } = options;
    const parts = bipartite(options, shared, "duplex");
    const depth = parts.inner / heads; // D
    const width = positionWidth === null ? depth : 2 * depth; // F
    const start = startOf(centroids, latents).create({ heads, width, memoryChannels, linear });
    const attend = (params: DuplexParams, input: BipartiteInput, context: Context): DuplexResult => {
      const { content, place } = parts.queries(params, input, context);
      const all = (q: tf.Tensor3D | undefined) => (q === undefined ? [] : [tf.broadcastTo(q, content.shape)]);
      const f = splitHeads(tf.concat([content, ...all(place)], 2) as tf.Tensor3D, heads); // [B, H, N, F]
      const gather = (assignments: tf.Tensor4D) => tf.matMul(assignments, f) as tf.Tensor4D; // [B, H, M, F]
      const weigh = (m: tf.Tensor4D): tf.Tensor4D => {
        const scaled = tf.mul(m, tf.mul(params.importance, 1 / Math.sqrt(depth))) as tf.Tensor4D; // [B or 1, H, M, F]
        const products = (q: tf.Tensor4D, from: number, size: number) =>
          tf.matMul(q, tf.slice4d(scaled, [0, 0, 0, from], [-1, -1, -1, size]), false, true); // [B or 1, H, N, M]
        // With one head the halves of f are content and place, and the product of places is the same for all samples.
        const logits =
          heads === 1 && place !== undefined
            ? tf.add(products(splitHeads(content, 1), 0, depth), products(splitHeads(place, 1), depth, depth))
            : products(f, 0, width);
        return parts.weigh(logits as tf.Tensor4D, input.mask); // [B, H, N, M]
      };
      let weights = weigh(
        input.assignments === undefined
          ? start.apply(params.centroids, input.memory, context)
          : gather(input.assignments),
      );
      for (let round = 1; round < rounds; round++) weights = weigh(gather(assignmentsOf(weights)));
      const result = parts.integrate(params, input, weights, context);
      return { ...result, assignments: assignmentsOf(result.weights) };
    };
    const layer = defineLayer<DuplexParams, BipartiteInput, tf.Tensor3D>({
      init: (key) => ({
        ...parts.init(key),
        centroids: start.init(fold(key, "centroids")),
        importance: tf.ones([heads, 1, width]),
      }),
      apply: (params, input, context) => attend(params, input, context).y,
    });
    /** `attend` gives the weights and the assignments too. */
    return { ...layer, attend };
  },
});
