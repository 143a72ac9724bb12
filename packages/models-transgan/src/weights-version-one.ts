import type { NetworkWeights, WeightRule } from "@ganymede/core";
import { inTurn, layerRules, leafRule, matrix, networkWeights, refId, reshaped, rulesAt } from "@ganymede/core";
import type { BlockConfig, SingleScaleConfig, TransganConfig } from "./config.js";
import { blockRules, demand, inBatch, normRules, patchLayout } from "./weight-rules.js";

/** What version 1 has none of. */
const plain = { relative: false, cross: false, normWrapper: "" } as const;

function demandBlocks({ attention, norm, noise }: BlockConfig, name: string): void {
  demand(refId(attention) === "dot-product", `${name}.attention dot-product in version 1, got ${refId(attention)}`);
  demand(norm === "layer" && !noise, `${name}.norm layer without noise in version 1, got ${norm}, noise ${noise}`);
}

/** `depth` blocks in a list. */
function listRules(ours: string, theirs: string, depth: number, config: BlockConfig): WeightRule[] {
  const rules = blockRules({ ...config, ...plain });
  return Array.from({ length: depth }, (_, index) => rulesAt(`${ours}.${index}`, `${theirs}.${index}`, rules)).flat();
}

/**
 * Names of version 1's generators (`TransGAN_8_8_1.py`, `TransGAN_8_8_G2_1.py`, `Celeba64_TransGAN.py`, February 2021). The entry of small
 * images was never released; the files keep a norm that their forward pass does not use.
 */
export function versionOneGenerator({ channels, classes, generator }: TransganConfig): NetworkWeights {
  const { stages, bottom, crossAttention } = generator;
  demandBlocks(generator, "generator");
  demand(classes === 0 && !crossAttention, "a generator without classes and crossAttention in version 1");
  for (const { enlarge } of stages.slice(1)) {
    demand(enlarge === "pixel-shuffle", `generator.stages doubled by pixel-shuffle in version 1, got ${enlarge}`);
  }
  const last = stages.at(-1)?.width as number;
  const rules = [
    ...layerRules("start", "l1"),
    ...stages.flatMap(({ width, depth }, stage) => [
      leafRule(`stages.${stage}.position`, `pos_embed_${stage + 1}`, inBatch(bottom ** 2 * 4 ** stage, width)),
      ...listRules(`stages.${stage}.blocks`, stage === 0 ? "blocks" : `upsample_blocks.${stage - 1}`, depth, generator),
    ]),
    ...layerRules("output", "deconv.0", inTurn(reshaped([channels, last, 1, 1], [channels, last]), matrix)),
  ];
  return networkWeights(rules, [/^to_rgb\.0\./], [/^pixels\./]);
}

/** Names of version 1's discriminator (`ViT_8_8.py`). */
export function versionOneDiscriminator(config: TransganConfig): NetworkWeights {
  const { imageSize, channels, classes } = config;
  const discriminator = config.discriminator as SingleScaleConfig;
  const { width, depth, patchSize } = discriminator;
  demandBlocks(discriminator, "discriminator");
  demand(classes === 0, "a discriminator without classes in version 1");
  const tokens = (imageSize / patchSize) ** 2;
  return networkWeights([
    ...layerRules("embedding", "patch_embed", patchLayout(patchSize, false, channels, width)),
    leafRule("token", "cls_token", reshaped([1, 1, width], [width])),
    leafRule("position", "pos_embed", inBatch(tokens + 1, width)),
    ...listRules("blocks", "blocks", depth, discriminator),
    ...normRules("head.norm", "norm", { ...discriminator, ...plain }),
    ...layerRules("head.linear", "head"),
  ]);
}
