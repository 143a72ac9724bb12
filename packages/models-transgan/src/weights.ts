import type { ReferenceWeights, WeightRule } from "@ganymede/core";
import { inTurn, layerRules, leafRule, matrix, networkWeights, refId, reshaped, rulesAt } from "@ganymede/core";
import type { BlockConfig, MultiScaleConfig, TransganConfig } from "./config.js";
import { blockRules, demand, inBatch, normRules, patchLayout } from "./weight-rules.js";
import { versionOneDiscriminator, versionOneGenerator } from "./weights-version-one.js";

/** How version 2 names norms. */
const normWrapper = ".norm";

function demandBlocks({ attention, norm }: BlockConfig, name: string): void {
  demand(["relative", "dot-product"].includes(refId(attention)), `${name}.attention relative, got ${refId(attention)}`);
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
  const names = {
    ...generator,
    relative: refId(attention) === "relative",
    cross: crossAttention,
    normWrapper,
  } as const;
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

function scaleRules(config: MultiScaleConfig, channels: number, imageSize: number): WeightRule[] {
  const names = { ...config, relative: config.attention === "relative", cross: false, normWrapper } as const;
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
  demand(classes === 0, "version 2 without classes");
  const config = discriminator as MultiScaleConfig;
  demandBlocks(config, "discriminator");
  const width = config.scales.reduce((sum, scale) => sum + scale.width, 0);
  const last = { ...config, relative: false, cross: false, normWrapper } as const;
  return [
    ...scaleRules(config, channels, imageSize),
    leafRule("logit.token", "cls_token", reshaped([1, 1, width], [width])),
    ...rulesAt("logit.block", "last_block.0", blockRules(last)),
    ...normRules("logit.head.norm", "norm", last),
    ...layerRules("logit.head.linear", "head"),
  ];
}

/** Indices that are computed, banks of filters, and a strength of noise that the release never reads. */
const ignored = [/relative_position_index$/, /^Hz_/, /cross_attention\.noise_strength_1$/];

const isVersionOne = ({ discriminator }: TransganConfig) => discriminator.kind === "single-scale";

/** Names and layouts of the release: of version 1 where the discriminator is version 1's, else of version 2. */
export const weights: ReferenceWeights<TransganConfig> = {
  source: "https://github.com/VITA-Group/TransGAN",
  generator: (config) =>
    isVersionOne(config) ? versionOneGenerator(config) : networkWeights(generatorRules(config), ignored),
  discriminator: (config) =>
    isVersionOne(config) ? versionOneDiscriminator(config) : networkWeights(discriminatorRules(config), ignored),
  places: { generator: ["gen_state_dict"], average: ["avg_gen_state_dict"], discriminator: ["dis_state_dict"] },
};
