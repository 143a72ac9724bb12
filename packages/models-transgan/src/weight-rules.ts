import type { WeightLayout, WeightRule } from "@ganymede/core";
import {
  GanymedeError,
  inTurn,
  kernel,
  layerRules,
  leafRule,
  matrix,
  partOf,
  reshaped,
  transposed,
} from "@ganymede/core";
import type { BlockConfig } from "./config.js";

/** What the names of a block depend on. */
export interface BlockNames extends Pick<BlockConfig, "norm" | "noise"> {
  /** Whether offsets between tokens have a table. */
  readonly relative: boolean;
  readonly cross: boolean;
  /** What stands between a norm and its two vectors: version 2 wraps it, as `norm1.norm.weight`. */
  readonly normWrapper: "" | ".norm";
}

/** LayerNorm's two vectors; norms without parameters have none. */
export function normRules(
  ours: string,
  theirs: string,
  { norm, normWrapper }: Pick<BlockNames, "norm" | "normWrapper">,
): WeightRule[] {
  if (norm !== "layer") return [];
  const at = `${theirs}${normWrapper}`;
  return [leafRule(`${ours}.scale`, `${at}.weight`), leafRule(`${ours}.shift`, `${at}.bias`)];
}

const heads = ["query", "keys", "value"] as const;

/** Leaves of one block; queries, keys and values are thirds of one matrix in the files. */
export function blockRules(names: BlockNames): WeightRule[] {
  return [
    ...normRules("attentionNorm", "norm1", names),
    ...heads.map((head, part) =>
      leafRule(`attention.${head}.weight`, "attn.qkv.weight", inTurn(partOf(part, heads.length), matrix)),
    ),
    ...layerRules("attention.output", "attn.proj"),
    ...(names.relative ? [leafRule("attention.biases.0.table", "attn.relative_position_bias_table")] : []),
    ...(names.noise ? [leafRule("noise", "attn.noise_strength_1", reshaped([], [1]))] : []),
    ...normRules("mlpNorm", "norm2", names),
    ...layerRules("mlp.expand", "mlp.fc1"),
    ...layerRules("mlp.contract", "mlp.fc2"),
    ...(names.cross ? crossRules() : []),
  ];
}

function crossRules(): WeightRule[] {
  const letters = { query: "q", keys: "k", value: "v" } as const;
  return [
    ...heads.flatMap((head) =>
      layerRules(`cross.${head}`, `cross_attention.${letters[head]}_transform`, matrix, false),
    ),
    ...layerRules("cross.output", "cross_attention.proj"),
  ];
}

/** An array with an axis of size 1 before ours. */
export const inBatch = (...shape: number[]): WeightLayout => reshaped([1, ...shape], shape);

/** A convolution of patches as a linear map; one of overlapping windows reads their four quarters one after the other. */
export function patchLayout(size: number, overlap: boolean, channels: number, width: number): WeightLayout {
  if (!overlap) return inTurn(kernel, reshaped([size, size, channels, width], [size * size * channels, width]));
  const halves = reshaped([2 * size, 2 * size, channels, width], [2, size, 2, size, channels, width]);
  const quarters = inTurn(inTurn(kernel, halves), transposed([0, 2, 1, 3, 4, 5]));
  return inTurn(quarters, reshaped([2, 2, size, size, channels, width], [4 * size * size * channels, width]));
}

/** @throws GanymedeError `unsupported` naming what the authors' code needs. */
export function demand(holds: boolean, rule: string): void {
  if (holds) return;
  throw new GanymedeError("unsupported", `transgan: weights of the release need ${rule}; choose one of its presets`);
}
