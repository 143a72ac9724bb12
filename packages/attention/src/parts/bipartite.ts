import type { AttentionOptions, Context, CrossInput } from "@ganymede/core";
import { expectShape, fold, GanymedeError, uniform } from "@ganymede/core";
import type { SettingsOf } from "@ganymede/core/config";
import { flag, nullable, oneOf, real, record, whole } from "@ganymede/core/config";
import type { Bound } from "@ganymede/core/nn";
import { compose, equalizedLinear, headWidthOf, mergeHeads, observeWeights, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { integrations, normalizeFor } from "./integration.js";

export const bipartiteSettings = record({
  /** How tokens change, see `integrations`. Default: `multiply`. */
  integration: oneOf("multiply", "add", "both"),
  /** Norm of the tokens before; null for none. Default: `layer`. */
  norm: nullable(oneOf("layer", "instance")),
  /** Width of the encodings of positions that then come with every input; null for none. Default: null. */
  positionWidth: nullable(whole()),
  /** Sigmoid gates: of each token for all it reads, of each memory token for all that read it. Default: none. */
  gates: record({ tokens: flag, memory: flag }),
  /** Probability p in training: of half of it a weight is dropped, of the other half a memory token. Default: 0.12. */
  dropout: real({ least: 0, below: 1 }),
});

export type BipartiteSettings = SettingsOf<typeof bipartiteSettings>;

/** Settings of a layer: those of a configuration, or none of integration and norm for a layer that gives an update. */
export type BipartiteOptions = Omit<BipartiteSettings, "integration"> & {
  readonly integration: BipartiteSettings["integration"] | "update";
};

export const bipartiteDefaults: BipartiteSettings = {
  integration: "multiply",
  norm: "layer",
  positionWidth: null,
  gates: { tokens: false, memory: false },
  dropout: 0.12,
};

export interface BipartiteInput extends CrossInput {
  /** [N, positionWidth], of the tokens. */
  readonly positions?: tf.Tensor2D | undefined;
  /** [M, positionWidth], of the memory. */
  readonly memoryPositions?: tf.Tensor2D | undefined;
  /** [B, H, M, N], what `attend` of the layer before gave; for centroids that are carried from layer to layer. */
  readonly assignments?: tf.Tensor4D | undefined;
}

export interface BipartiteResult {
  readonly y: tf.Tensor3D;
  /** [B, H, N, M]: how much each token reads of each memory token. */
  readonly weights: tf.Tensor4D;
}

/** Tokens with the encodings of their positions, if there are any. */
export interface PlacedTokens {
  readonly x: tf.Tensor3D;
  readonly positions?: tf.Tensor2D | undefined;
}

/** Scales what is kept by 1 / (1 - p), p of half the probability, once for weights and once for whole memory tokens. */
function drop(weights: tf.Tensor4D, probability: number, context: Context): tf.Tensor4D {
  if (context.mode !== "training" || probability === 0) return weights;
  const half = probability / 2;
  const [batch, heads, tokens, memory] = weights.shape;
  const kept = (label: string, shape: [number, number, number, number]) =>
    tf.div(tf.cast(tf.greaterEqual(uniform<tf.Rank.R4>(fold(context.key, label), shape), half), "float32"), 1 - half);
  const cells = kept("cells", [batch, heads, tokens, memory]);
  return tf.mul(tf.mul(weights, cells), kept("columns", [batch, heads, 1, memory]));
}

/** All of GANsformer's attention but the logits: queries, masks, gates, dropout, values, norm and integration. */
export function bipartite(options: AttentionOptions, settings: BipartiteOptions, who: string) {
  const { channels, memoryChannels = channels, heads, linear = equalizedLinear } = options;
  const { norm, positionWidth, gates, dropout } = settings;
  const integration = integrations[settings.integration];
  const inner = heads * headWidthOf(options, who);
  const make = (inputs: number, outputs: number) => linear({ inputs, outputs });
  const placed = (outputs: number) => (positionWidth === null ? undefined : make(positionWidth, outputs));
  /** Logits of a gate for each token and head, [B, tokens, heads]. */
  const gate = (inputs: number) =>
    compose({ content: make(inputs, heads), position: placed(heads) }, (part, { x, positions }: PlacedTokens) => {
      const content = part.content(x);
      return part.position === undefined || positions === undefined
        ? content
        : tf.add<tf.Tensor3D>(content, part.position(positions));
    });
  const parts = {
    query: make(channels, inner),
    value: make(memoryChannels, inner),
    control: make(inner, integration.controls * channels),
    position: placed(inner),
    tokenGate: gates.tokens ? gate(channels) : undefined,
    memoryGate: gates.memory ? gate(memoryChannels) : undefined,
  };
  type Part = Bound<typeof parts>;

  return {
    parts,
    inner,
    heads,

    /** Queries by content [B, N, H D], and what positions add to them [1, N, H D], if there are positions. */
    queries(part: Part, { x, memory, positions }: BipartiteInput) {
      expectShape(x, ["B", "N", channels], `${who} input`);
      expectShape(memory, ["B", "M", memoryChannels], `${who} memory`);
      if ((positionWidth === null) !== (positions === undefined)) {
        throw new GanymedeError(
          "invalid-argument",
          `${who}: positions must come with every input exactly when positionWidth is set, got ${positionWidth} and ${positions === undefined ? "none" : "some"}`,
        );
      }
      const place = positions && part.position && tf.expandDims<tf.Tensor3D>(part.position(positions), 0);
      return { content: part.query(x), place };
    },

    /** softmax over the memory, where what the mask hides gets -10000. */
    weigh(logits: tf.Tensor4D, mask: tf.Tensor2D | undefined): tf.Tensor4D {
      if (mask === undefined) return tf.softmax(logits);
      const [batch, memory] = mask.shape;
      const added = tf.mul(tf.sub(1, tf.reshape(mask, [batch, 1, 1, memory])), -10000);
      return tf.softmax<tf.Tensor4D>(tf.add(logits, added));
    },

    /** The tokens changed by what they read. */
    integrate(part: Part, input: BipartiteInput, probabilities: tf.Tensor4D, context: Context): BipartiteResult {
      const { x, memory, positions, memoryPositions } = input;
      let weights = drop(probabilities, dropout, context); // [B, H, N, M]
      if (part.memoryGate !== undefined) {
        const open = tf.sigmoid(part.memoryGate({ x: memory, positions: memoryPositions })); // [B, M, H]
        weights = tf.mul(weights, tf.expandDims(tf.transpose(open, [0, 2, 1]), 2));
      }
      if (part.tokenGate !== undefined) {
        const open = tf.sigmoid(tf.add(part.tokenGate({ x, positions }), 1)); // [B, N, H]
        weights = tf.mul(weights, tf.expandDims(tf.transpose(open, [0, 2, 1]), 3));
      }
      observeWeights(context, weights, { queryGrid: options.grid, keyGrid: options.memoryGrid });
      const read = mergeHeads(tf.matMul(weights, splitHeads(part.value(memory), heads))); // [B, N, H D]
      const steering = part.control(read); // [B, N, controls C]
      return { y: integration.apply(normalizeFor(x, norm, integration), steering), weights };
    },
  };
}
