import { refId } from "@ganymede/core";
import type { ReferenceWeights, WeightLayout, WeightRule, WeightsNeed } from "@ganymede/core/weights";
import {
  layerRules,
  leafRule,
  listRules,
  networkWeights,
  normRules,
  oihwToHwio,
  partOf,
  pixelMatrix,
  reshaped,
  rulesAt,
  sequence,
  transposed,
  transposeLinear,
  weightsNeed,
} from "@ganymede/core/weights";
import type { BlockConfig, ScaleConfig, TransganConfig } from "./config.js";

const need: WeightsNeed = weightsNeed("transgan: weights of the release", "one of its presets");

/** The paper's versions, which name norms differently: version 2 wraps them, as `norm1.norm.weight`. */
type Version = 1 | 2;

const wrapped = (name: string, version: Version) => (version === 2 ? `${name}.norm` : name);

function needBlocks({ attention, norm, noise }: BlockConfig, name: string, version: Version): void {
  const [id, dots] = [refId(attention), refId(attention) === "dot-product"];
  if (version === 1) {
    need(dots, `${name}.attention dot-product in version 1, got ${id}`);
    need(norm === "layer" && !noise, `${name}.norm layer without noise in version 1, got ${norm}, noise ${noise}`);
  } else {
    need(dots || id === "relative", `${name}.attention relative, got ${id}`);
    need(norm === "layer" || norm === "pixel", `${name}.norm layer or pixel, got ${norm}`);
  }
}

const heads = { query: "q", keys: "k", value: "v" };

const crossRules = [
  ...Object.entries(heads).flatMap(([ours, theirs]) =>
    layerRules(ours, `cross_attention.${theirs}_transform`, transposeLinear, false),
  ),
  ...layerRules("output", "cross_attention.proj"),
];

/** Leaves of one block; queries, keys and values are thirds of one matrix in the files, and norms but LayerNorm have none. */
function blockRules({ norm, attention, noise }: BlockConfig, version: Version): WeightRule[] {
  const at = noise ? "attention.attention" : "attention";
  const norms = (ours: string, theirs: string) => (norm === "layer" ? normRules(ours, wrapped(theirs, version)) : []);
  return [
    ...norms("attentionNorm", "norm1"),
    ...Object.keys(heads).map((head, part) =>
      leafRule(`${at}.${head}.weight`, "attn.qkv.weight", sequence(partOf(part, 3), transposeLinear)),
    ),
    ...layerRules(`${at}.output`, "attn.proj"),
    ...(refId(attention) === "relative" ? [leafRule(`${at}.biases.0.table`, "attn.relative_position_bias_table")] : []),
    ...(noise ? [leafRule("attention.strength", "attn.noise_strength_1", reshaped([], [1]))] : []),
    ...norms("mlpNorm", "norm2"),
    ...layerRules("mlp.expand", "mlp.fc1"),
    ...layerRules("mlp.contract", "mlp.fc2"),
  ];
}

/** An array with an axis of size 1 before ours. */
const inBatch = (...shape: number[]): WeightLayout => reshaped([1, ...shape], shape);

/** A convolution of patches as a linear map; one of overlapping windows reads their four quarters one after the other. */
function patchLayout({ patchSize: size, overlap, width }: Omit<ScaleConfig, "shrink" | "groups">, channels: number) {
  if (!overlap) return sequence(oihwToHwio, reshaped([size, size, channels, width], [size * size * channels, width]));
  const halves = reshaped([2 * size, 2 * size, channels, width], [2, size, 2, size, channels, width]);
  const quarters = sequence(sequence(oihwToHwio, halves), transposed([0, 2, 1, 3, 4, 5]));
  return sequence(quarters, reshaped([2, 2, size, size, channels, width], [4 * size * size * channels, width]));
}

/** Where the blocks of a stage stand: networks of three stages keep the first apart, larger ones number all of them. */
function stageName(stage: number, stages: number, version: Version): string {
  const name = stage === 0 ? "blocks" : `upsample_blocks.${stage - 1}`;
  if (version === 1) return name;
  return stages > 3 ? `blocks_${stage + 1}.block` : `${name}.block`;
}

/** Names of the generators; of version 1 those of `TransGAN_8_8_1.py`, `TransGAN_8_8_G2_1.py` and `Celeba64_TransGAN.py`, February 2021. */
function generatorRules({ channels, classes, generator, discriminator }: TransganConfig): WeightRule[] {
  const version = discriminator.kind === "single-scale" ? 1 : 2;
  const { stages, bottom, crossAttention, locality, coTraining } = generator;
  needBlocks(generator, "generator", version);
  if (version === 1) {
    need(classes === 0 && !crossAttention, "a generator without classes and crossAttention in version 1");
    for (const { enlarge } of stages.slice(1)) {
      need(enlarge === "pixel-shuffle", `generator.stages doubled by pixel-shuffle in version 1, got ${enlarge}`);
    }
  } else {
    need(classes === 0 && locality === null && !coTraining, "version 2 without classes");
  }
  const [first = 0, last = 0] = [stages[0]?.width, stages.at(-1)?.width];
  const memory = [
    ...layerRules("memory.map", "embedding_transform"),
    leafRule("memory.position", "embed_pos", inBatch(bottom ** 2, first)),
  ];
  return [
    ...layerRules("start", "l1"),
    ...(crossAttention ? memory : []),
    ...stages.flatMap(({ width, depth }, stage) => {
      const [ours, theirs] = [`stages.${stage}`, stageName(stage, stages.length, version)];
      return [
        leafRule(`${ours}.position`, `pos_embed_${stage + 1}`, inBatch(bottom ** 2 * 4 ** stage, width)),
        ...listRules(`${ours}.blocks.layers`, theirs, depth, blockRules(generator, version)),
        ...(crossAttention ? listRules(`${ours}.blocks.cross`, theirs, depth, crossRules) : []),
      ];
    }),
    ...layerRules("output", "deconv.0", pixelMatrix(last, channels)),
  ];
}

/** Names of version 1's discriminator (`ViT_8_8.py`) or of version 2's. */
function discriminatorRules({ imageSize, channels, classes, discriminator }: TransganConfig): WeightRule[] {
  const version = discriminator.kind === "single-scale" ? 1 : 2;
  needBlocks(discriminator, "discriminator", version);
  need(classes === 0, version === 1 ? "a discriminator without classes in version 1" : "version 2 without classes");
  const token = (width: number) => leafRule("token", "cls_token", reshaped([1, 1, width], [width]));
  const rules = blockRules(discriminator, version);
  const head = [
    ...(discriminator.norm === "layer" ? normRules("head.norm", wrapped("norm", version)) : []),
    ...layerRules("head.logit.linear", "head"),
  ];
  if (discriminator.kind === "single-scale") {
    const { width, depth, patchSize } = discriminator;
    return [
      ...layerRules("embedding", "patch_embed", patchLayout({ width, patchSize, overlap: false }, channels)),
      token(width),
      leafRule("position", "pos_embed", inBatch((imageSize / patchSize) ** 2 + 1, width)),
      ...listRules("blocks", "blocks", depth, rules),
      ...head,
    ];
  }
  let width = 0;
  const scales = discriminator.scales.flatMap((scale, index) => {
    width += scale.width;
    const [ours, at] = [`scales.${index}`, index + 1];
    return [
      ...layerRules(`${ours}.embedding`, `fRGB_${at}`, patchLayout(scale, channels)),
      leafRule(
        `${ours}.position`,
        `pos_embed_${at}`,
        inBatch((imageSize / scale.shrink / scale.patchSize) ** 2, width),
      ),
      ...scale.groups.flatMap(({ depth }, group) =>
        listRules(`${ours}.groups.${group}.layers`, `blocks_${at}${group === 0 ? "" : group}`, depth, rules),
      ),
    ];
  });
  const last = blockRules({ ...discriminator, attention: "dot-product" }, version);
  return [...scales, token(width), ...rulesAt("block", "last_block.0", last), ...head];
}

/** Indices that are computed, banks of filters, a strength of noise that the release never reads, and an unused norm of version 1. */
const ignored = [/relative_position_index$/, /^Hz_/, /cross_attention\.noise_strength_1$/, /^to_rgb\.0\./];

/** Names and layouts of the release: of version 1 where the discriminator is version 1's, else of version 2. */
export const weights: ReferenceWeights<TransganConfig> = {
  source: "https://github.com/VITA-Group/TransGAN",
  // The entry of small images was never released.
  generator: (config) => networkWeights(generatorRules(config), ignored, [/^pixels\./]),
  discriminator: (config) => networkWeights(discriminatorRules(config), ignored),
  places: { generator: ["gen_state_dict"], average: ["avg_gen_state_dict"], discriminator: ["dis_state_dict"] },
};
