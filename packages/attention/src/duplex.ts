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
import type { Layer, ParamTree } from "@ganymede/core";
import { defineCrossAttention, defineLayer, GanymedeError, normal } from "@ganymede/core";
import { nullable, oneOf, record, whole } from "@ganymede/core/config";
import type { LinearFactory } from "@ganymede/core/nn";
import { activated, compose, equalizedLinear, learned, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { BipartiteInput, BipartiteResult } from "./parts/bipartite.js";
import { bipartite, bipartiteDefaults, bipartiteSettings } from "./parts/bipartite.js";

/** Where centroids start: a layer from the memory to [B or 1, H, M, F]. */
type Centroids = Layer<ParamTree, tf.Tensor3D, tf.Tensor4D>;

interface CentroidSizes {
  readonly heads: number;
  readonly width: number;
  readonly memoryChannels: number;
  readonly linear: LinearFactory;
  /** Number of latents M; null if only the memory knows it. */
  readonly latents: number | null;
}

const starts = {
  /** Linear in the latents. */
  latents: ({ heads, width, memoryChannels, linear }: CentroidSizes): Centroids =>
    activated(linear({ inputs: memoryChannels, outputs: heads * width }), (x) => splitHeads(x as tf.Tensor3D, heads)),

  /** Parameters of their own, the same for all samples, drawn from N(0, 1); the number of latents is then fixed. */
  learned({ heads, width, latents }: CentroidSizes): Centroids {
    if (latents === null) {
      throw new GanymedeError("invalid-config", "duplex: learned centroids need latents, the number of them, got null");
    }
    const centroids = learned((key) => normal<tf.Rank.R4>(key, [1, heads, latents, width]));
    return compose({ centroids }, (part) => part.centroids);
  },

  /** What the layer before has assigned; there is nothing to start from. */
  carried: (): Centroids =>
    defineLayer({
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

export type DuplexResult = BipartiteResult & {
  /** `[B, H, M, N]`: each latent's pixels, summing to 1; where centroids of the next layer may start. */
  readonly assignments: tf.Tensor4D;
};

/** Weights [B, H, N, M] as shares of each latent's pixels, [B, H, M, N]. */
function assignmentsOf(weights: tf.Tensor4D): tf.Tensor4D {
  return tf.transpose<tf.Tensor4D>(tf.div(weights, tf.add(tf.sum(weights, 2, true), 1e-8)), [0, 1, 3, 2]);
}

export const duplex = defineCrossAttention({
  id: "duplex",
  source: "https://arxiv.org/abs/2103.01209",
  replaces: true,
  defaults: { ...bipartiteDefaults, centroids: "latents", latents: null, rounds: 1 },
  settings,
  create({ centroids, latents, rounds, ...others }, options) {
    const { positionWidth } = others;
    const { channels, memoryChannels = channels, heads, linear = equalizedLinear } = options;
    const shared = bipartite(options, others, "duplex");
    const depth = shared.inner / heads; // D
    const width = positionWidth === null ? depth : 2 * depth; // F
    const parts = {
      ...shared.parts,
      centroids: starts[centroids]({ heads, width, memoryChannels, linear, latents }),
      importance: learned(() => tf.ones<tf.Rank.R3>([heads, 1, width])),
    };
    const attention = compose(parts, (part, input: BipartiteInput, context): DuplexResult => {
      const { content, place } = shared.queries(part, input);
      const all = place === undefined ? [] : [tf.broadcastTo<tf.Rank.R3>(place, content.shape)];
      const f = splitHeads(tf.concat<tf.Tensor3D>([content, ...all], 2), heads); // [B, H, N, F]
      const gather = (assignments: tf.Tensor4D): tf.Tensor4D => tf.matMul(assignments, f); // [B, H, M, F]
      const weigh = (m: tf.Tensor4D): tf.Tensor4D => {
        const scaled = tf.mul<tf.Tensor4D>(m, tf.mul(part.importance, 1 / Math.sqrt(depth))); // [B or 1, H, M, F]
        const products = (q: tf.Tensor4D, from: number, size: number): tf.Tensor4D =>
          tf.matMul(q, tf.slice4d(scaled, [0, 0, 0, from], [-1, -1, -1, size]), false, true); // [B or 1, H, N, M]
        // With one head the halves of f are content and place, and the product of places is the same for all samples.
        const logits =
          heads === 1 && place !== undefined
            ? tf.add<tf.Tensor4D>(
                products(splitHeads(content, 1), 0, depth),
                products(splitHeads(place, 1), depth, depth),
              )
            : products(f, 0, width);
        return shared.weigh(logits, input.mask); // [B, H, N, M]
      };
      let weights = weigh(input.assignments === undefined ? part.centroids(input.memory) : gather(input.assignments));
      for (let round = 1; round < rounds; round++) weights = weigh(gather(assignmentsOf(weights)));
      const result = shared.integrate(part, input, weights, context);
      return { ...result, assignments: assignmentsOf(result.weights) };
    });
    const { init, apply: attend } = attention;
    const layer = defineLayer({
      init,
      apply: (params, input: BipartiteInput, context): tf.Tensor3D => attend(params, input, context).y,
    });
    /** `attend` returns the weights and the assignments too. */
    return { ...layer, attend };
  },
});
