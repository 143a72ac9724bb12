import { duplex, simplex } from "@ganymede/attention";
import { inference } from "@ganymede/core";
import { sinusoidalGrid } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { Adapter, Golden } from "../adapter.js";
import { linearAt } from "./layout.js";

interface LayerConfig {
  readonly dim: number;
  readonly pos_dim: number;
  readonly grid: readonly [number, number];
  readonly to_len: number;
  readonly to_dim: number;
  readonly heads: number;
  readonly integration: keyof typeof integrations;
  readonly norm: "layer" | "instance" | "batch" | null;
  readonly kmeans: boolean;
  readonly kmeans_iters: number;
  readonly from_gate: boolean;
  readonly to_gate: boolean;
}

const integrations = { add: "add", both: "both", mul: "multiply" } as const;
const configOf = (golden: Golden) => golden.file.config as unknown as LayerConfig;

function sizesOf({ dim, to_dim, heads, integration, norm, pos_dim, from_gate, to_gate }: LayerConfig) {
  return {
    options: { channels: dim, memoryChannels: to_dim, heads },
    settings: {
      integration: integrations[integration],
      // The source accepts "batch" and computes "layer".
      norm: norm === "batch" ? ("layer" as const) : norm,
      positionWidth: pos_dim,
      gates: { tokens: from_gate, memory: to_gate },
    },
  };
}

function inputOf(golden: Golden) {
  return {
    x: golden.tensor<tf.Tensor3D>("from"),
    memory: golden.tensor<tf.Tensor3D>("to"),
    positions: golden.tensor<tf.Tensor2D>("from_pos"),
    memoryPositions: golden.tensor<tf.Tensor2D>("to_pos"),
    mask: golden.tensor<tf.Tensor2D>("mask"),
  };
}

/** Parameters of an attention layer stored under a prefix. */
export function attentionAt(
  golden: Golden,
  prefix: string,
  { kmeans, fromGate = false, toGate = false }: { kmeans: boolean; fromGate?: boolean; toGate?: boolean },
) {
  const map = (name: string) => linearAt(golden, `${prefix}${name}.`);
  const gate = (name: string) => ({ content: map(`${name}.gate`), position: map(`${name}.gate_pos`) });
  const shared = {
    query: map("to_queries"),
    value: map("to_values"),
    control: map("modulation"),
    position: map("from_pos_map"),
    ...(fromGate ? { tokenGate: gate("from_gate_attention") } : {}),
    ...(toGate ? { memoryGate: gate("to_gate_attention") } : {}),
  };
  return kmeans
    ? {
        ...shared,
        centroids: { centroids: golden.tensor(`${prefix}centroids`) },
        importance: golden.tensor<tf.Tensor3D>(`${prefix}att_weight`),
      }
    : { ...shared, keys: map("to_keys"), keyPosition: map("to_pos_map") };
}

const paramsOf = (golden: Golden) => {
  const { from_gate: fromGate, to_gate: toGate, kmeans } = configOf(golden);
  return attentionAt(golden, "", { kmeans, fromGate, toGate }) as never;
};

/** Weights [B, H, N, M] as maps, [B H, M, rows, columns]. */
function asMaps(weights: tf.Tensor4D, [rows, columns]: readonly [number, number]): tf.Tensor {
  const [batch, heads, , memory] = weights.shape;
  return tf.reshape(tf.transpose(weights, [0, 1, 3, 2]), [batch * heads, memory, rows, columns]);
}

export const simplexLayer: Adapter = (golden) => {
  const config = configOf(golden);
  const { options, settings } = sizesOf(config);
  const { y, weights } = simplex(settings).create(options).attend(paramsOf(golden), inputOf(golden), inference);
  return { out: y, attn: asMaps(weights, config.grid) };
};

export const duplexLayer: Adapter = (golden) => {
  const config = configOf(golden);
  const { options, settings } = sizesOf(config);
  const rounds = { centroids: "learned", latents: config.to_len, rounds: config.kmeans_iters } as const;
  const layer = duplex({ ...settings, ...rounds }).create(options);
  const { y, weights, assignments } = layer.attend(paramsOf(golden), inputOf(golden), inference);
  return { out: y, attn: asMaps(weights, config.grid), centroid_assignments: assignments };
};

export const sinusoids: Adapter = ({ file }) => {
  const { grids } = file.config as { readonly grids: readonly (readonly [number, number, number])[] };
  const named = grids.map(([side, width, directions]) => {
    const suffix = directions === 2 ? "" : `_dirs${directions}`;
    return [
      `res${side}_dim${width}${suffix}`,
      tf.reshape(sinusoidalGrid(side, width, directions), [side, side, width]),
    ];
  });
  return Object.fromEntries(named);
};
