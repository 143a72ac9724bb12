import type { ReferenceWeights, WeightLayout, WeightRule } from "@ganymede/core";
import {
  GanymedeError,
  inTurn,
  kernel,
  layerRules,
  leafRule,
  matrix,
  networkWeights,
  partOf,
  reshaped,
  rulesAt,
  transposed,
} from "@ganymede/core";
import type { BlockConfig, MultiScaleConfig, TransganConfig } from "./config.js";

interface BlockNames extends Pick<BlockConfig, "norm" | "noise"> {
  /** Whether offsets between tokens have a table. */
  readonly relative: boolean;
  readonly cross: boolean;
}

/** LayerNorm's two vectors; norms without parameters have none. */
function normRules(ours: string, theirs: string, { norm }: Pick<BlockConfig, "norm">): WeightRule[] {
  if (norm !== "layer") return [];
  return [leafRule(`${ours}.scale`, `${theirs}.norm.weight`), leafRule(`${ours}.shift`, `${theirs}.norm.bias`)];
}

const heads = ["query", "keys", "value"] as const;

function blockRules(names: BlockNames): WeightRule[] {
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
const inBatch = (...shape: number[]): WeightLayout => reshaped([1, ...shape], shape);

function demand(holds: boolean, rule: string): void {
  if (!holds)
    throw new GanymedeError("unsupported", `transgan: weights of the release need ${rule}; choose one of its presets`);
}

function demandBlocks({ attention, norm }: BlockConfig, name: string): void {
  demand(attention === "relative" || attention === "dot-product", `${name}.attention relative, got ${attention}`);
  demand(norm === "layer" || norm === "pixel", `${name}.norm layer or pixel, got ${norm}`);
}

/** Where the blocks of a stage stand: networks of three stages keep the first apart, larger ones number all of them. */
function stageName(stage: number, stages: number): string {
  if (stages > 3) return `blocks_${stage + 1}.block`;
  return stage === 0 ? "blocks.block" : `upsample_blocks.${stage - 1}.block`;
}

function generatorRules({ channels, classes, generator }: TransganConfig): WeightRule[] {
  const { stages, bottom, crossAttention, locality, coTraining, attention } = generator;
  demandBlocks(generator, "generator");
  demand(classes === 0 && locality === null && !coTraining, "version 2 without classes");
  const tokens = bottom ** 2;
  const last = stages.at(-1)?.width as number;
  const first = stages[0]?.width as number;
  const names = { ...generator, relative: attention === "relative", cross: crossAttention };
  return [
    ...layerRules("start", "l1"),
    ...(crossAttention ? layerRules("memory.map", "embedding_transform") : []),
    ...(crossAttention ? [leafRule("memory.position", "embed_pos", inBatch(tokens, first))] : []),
    ...stages.flatMap(({ width, depth }, stage) => [
      leafRule(`stages.${stage}.position`, `pos_embed_${stage + 1}`, inBatch(tokens * 4 ** stage, width)),
      ...Array.from({ length: depth }, (_, index) =>
        rulesAt(`stages.${stage}.blocks.${index}`, `${stageName(stage, stages.length)}.${index}`, blockRules(names)),
      ).flat(),
    ]),
    ...layerRules("output", "deconv.0", inTurn(reshaped([channels, last, 1, 1], [channels, last]), matrix)),
  ];
}

/** A convolution of patches as a linear map; one of overlapping windows reads their four quarters one after the other. */
function patchLayout(size: number, overlap: boolean, channels: number, width: number): WeightLayout {
  if (!overlap) return inTurn(kernel, reshaped([size, size, channels, width], [size * size * channels, width]));
  const halves = reshaped([2 * size, 2 * size, channels, width], [2, size, 2, size, channels, width]);
  const quarters = inTurn(inTurn(kernel, halves), transposed([0, 2, 1, 3, 4, 5]));
  return inTurn(quarters, reshaped([2, 2, size, size, channels, width], [4 * size * size * channels, width]));
}

function scaleRules(config: MultiScaleConfig, channels: number, imageSize: number): WeightRule[] {
  const names = { ...config, relative: config.attention === "relative", cross: false };
  let incoming = 0;
  return config.scales.flatMap(({ width, patchSize, shrink, overlap, groups }, scale) => {
    incoming += width;
    const side = imageSize / shrink / patchSize;
    const [ours, at] = [`scales.${scale}`, scale + 1];
    return [
      ...layerRules(`${ours}.embedding`, `fRGB_${at}`, patchLayout(patchSize, overlap, channels, width)),
      leafRule(`${ours}.position`, `pos_embed_${at}`, inBatch(side ** 2, incoming)),
      ...groups.flatMap(({ depth }, group) =>
        Array.from({ length: depth }, (_, index) =>
          rulesAt(
            `${ours}.groups.${group}.${index}`,
            `blocks_${at}${group === 0 ? "" : group}.${index}`,
            blockRules(names),
          ),
        ).flat(),
      ),
    ];
  });
}

function discriminatorRules({ imageSize, channels, classes, discriminator }: TransganConfig): WeightRule[] {
  demand(discriminator.kind === "multi-scale" && classes === 0, "version 2 without classes");
  const config = discriminator as MultiScaleConfig;
  demandBlocks(config, "discriminator");
  const width = config.scales.reduce((sum, scale) => sum + scale.width, 0);
  const last = { ...config, relative: false, cross: false };
  return [
    ...scaleRules(config, channels, imageSize),
    leafRule("logit.token", "cls_token", reshaped([1, 1, width], [width])),
    ...rulesAt("logit.block", "last_block.0", blockRules(last)),
    ...normRules("logit.head.norm", "norm", config),
    ...layerRules("logit.head.linear", "head"),
  ];
}

/** Indices that are computed, banks of filters, and a strength of noise that the release never reads. */
const ignored = [/relative_position_index$/, /^Hz_/, /cross_attention\.noise_strength_1$/];

/** Names and layouts of the release of version 2. */
export const weights: ReferenceWeights<TransganConfig> = {
  source: "https://github.com/VITA-Group/TransGAN",
  generator: (config) => networkWeights(generatorRules(config), ignored),
  discriminator: (config) => networkWeights(discriminatorRules(config), ignored),
  places: { generator: ["gen_state_dict"], average: ["avg_gen_state_dict"], discriminator: ["dis_state_dict"] },
};
