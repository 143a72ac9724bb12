import type { ReferenceWeights, WeightRule } from "@ganymede/core";
import {
  flattenedPicture,
  GanymedeError,
  inTurn,
  kernel,
  layerRules,
  leafRule,
  matrix,
  networkWeights,
  picture,
  refId,
  reshaped,
  rulesAt,
} from "@ganymede/core";
import { componentSettings } from "./component-settings.js";
import type { BipartiteConfig, DiscriminatorConfig, GansformerConfig, GeneratorConfig } from "./config.js";
import { channelsAt } from "./synthesis-block.js";

function demand(holds: boolean, rule: string): void {
  if (!holds) {
    throw new GanymedeError(
      "unsupported",
      `gansformer: weights of the release need ${rule}; choose one of its presets`,
    );
  }
}

interface AttentionNames {
  readonly duplex: boolean;
  readonly gates: BipartiteConfig["gates"];
  /** Whether queries and keys know positions. */
  readonly positions: boolean;
}

function attentionRules({ duplex, gates, positions }: AttentionNames): WeightRule[] {
  const gate = (ours: string, theirs: string): WeightRule[] => [
    ...layerRules(`${ours}.content`, `${theirs}.gate`),
    ...layerRules(`${ours}.position`, `${theirs}.gate_pos`),
  ];
  return [
    ...layerRules("query", "to_queries"),
    ...layerRules("value", "to_values"),
    ...layerRules("control", "modulation"),
    ...(positions ? layerRules("position", "from_pos_map") : []),
    ...(gates.pixels ? gate("tokenGate", "from_gate_attention") : []),
    ...(gates.latents ? gate("memoryGate", "to_gate_attention") : []),
    ...(duplex
      ? [leafRule("centroids.centroids", "centroids"), leafRule("importance", "att_weight")]
      : [...layerRules("keys", "to_keys"), ...(positions ? layerRules("keyPosition", "to_pos_map") : [])]),
  ];
}

/** One of the two networks from z to w. */
function latentRules({ layers, residual }: GeneratorConfig["mapping"], attention: AttentionNames | null): WeightRule[] {
  const count = residual ? Math.floor((layers + 1) / 2) : layers;
  const blocks = Array.from({ length: count }, (_, index) => [
    ...(residual
      ? [0, 1].flatMap((half) => layerRules(`blocks.${index}.linear.${half}`, `l${index}.fc${half}`))
      : layerRules(`blocks.${index}.linear.0`, `l${index}`)),
    ...(attention === null ? [] : rulesAt(`blocks.${index}.attention`, `sa${index}`, attentionRules(attention))),
  ]);
  return [...blocks.flat(), ...layerRules("output", "out_layer")];
}

function mappingRules({ mapping, style, attention }: GeneratorConfig): WeightRule[] {
  const { components, latentAttention, usesPositions } = componentSettings(attention);
  const between: AttentionNames = {
    duplex: false,
    gates: { pixels: false, latents: false },
    positions: usesPositions,
  };
  return [
    ...(components > 0
      ? rulesAt("components", "mlp", latentRules(mapping, latentAttention === undefined ? null : between))
      : []),
    ...(style ? rulesAt("global", "global_mlp", latentRules(mapping, null)) : []),
    leafRule("statistics.average", "w_avg"),
  ];
}

/** A layer of a map; the last one of all is bare, without attention, noise and bias. */
function layerRulesOf({ style, noise, attention }: GeneratorConfig, side: number, bare: boolean): WeightRule[] {
  const attends = !bare && attention.kind === "bipartite" && side >= attention.from && side <= attention.to;
  const names = attends
    ? { duplex: refId(attention.variant) === "duplex", gates: attention.gates, positions: true }
    : undefined;
  return [
    leafRule("weight", "weight", kernel),
    ...(style ? layerRules("style", "affine") : []),
    ...(names === undefined ? [] : rulesAt("attention", "transformer", attentionRules(names))),
    ...(noise && !bare ? [leafRule("noise.strength", "noise_strength", reshaped([1], []))] : []),
    ...(bare ? [] : [leafRule("bias", "biasAct.bias")]),
  ];
}

function demandAttention({ attention }: GeneratorConfig): void {
  if (attention.kind === "none") return;
  const { variant, centroids, position } = attention;
  demand(
    variant === "duplex" || variant === "simplex",
    `generator.attention.variant duplex or simplex, got ${refId(variant)}`,
  );
  demand(variant === "simplex" || centroids === "learned", `generator.attention.centroids learned, got ${centroids}`);
  demand(position.kind === "sinusoidal", `generator.attention.position.kind sinusoidal, got ${position.kind}`);
}

function generatorRules({ imageSize, channels, classes, generator }: GansformerConfig): WeightRule[] {
  demand(classes === 0, `classes 0, got ${classes}`);
  demandAttention(generator);
  const { architecture, attention, style } = generator;
  const sides = Array.from({ length: Math.log2(imageSize / 4) + 1 }, (_, index) => 4 * 2 ** index);
  const blocks = sides.map((side, index) => {
    const outputs = channelsAt(generator, side);
    const [first, ends] = [index === 0, side === imageSize];
    const color = inTurn(reshaped([channels, outputs, 1, 1], [channels, outputs]), matrix);
    return rulesAt(`blocks.${index}`, `b${side}`, [
      ...(first ? [] : rulesAt("up", "conv0", layerRulesOf(generator, side, false))),
      ...rulesAt("main", "conv1", layerRulesOf(generator, side, false)),
      ...(ends ? rulesAt("last", "conv_last", layerRulesOf(generator, side, true)) : []),
      ...(first || architecture !== "residual" ? [] : [leafRule("skip.weight", "skip.weight", kernel)]),
      ...(ends || architecture === "skip"
        ? [
            leafRule("toImage.weight", "torgb.weight", color),
            ...(style ? layerRules("toImage.style", "torgb.affine") : []),
            leafRule("toImage.bias", "torgb.biasAct.bias"),
          ]
        : []),
    ]);
  });
  return [
    ...(componentSettings(attention).usesPositions ? [leafRule("positions", "pos")] : []),
    ...rulesAt("mapping", "mapping", mappingRules(generator)),
    leafRule("synthesis.start", "synthesis.b4.const", picture),
    ...rulesAt("synthesis", "synthesis", blocks.flat()),
  ];
}

function discriminatorRules(imageSize: number, classes: number, config: DiscriminatorConfig): WeightRule[] {
  demand(classes === 0, `classes 0, got ${classes}`);
  demand(config.attention.kind === "none", `discriminator.attention.kind none, got ${config.attention.kind}`);
  const { architecture } = config;
  const sides = Array.from({ length: Math.log2(imageSize / 4) + 1 }, (_, index) => imageSize / 2 ** index);
  const convolution = (ours: string, theirs: string): WeightRule[] => [
    leafRule(`${ours}.weight`, `${theirs}.weight`, kernel),
    leafRule(`${ours}.bias`, `${theirs}.biasAct.bias`),
  ];
  const widest = channelsAt(config, 4);
  return [
    ...(architecture === "skip" ? sides : sides.slice(0, 1)).flatMap((side, index) =>
      convolution(`entries.${index}`, `b${side}.fromrgb`),
    ),
    ...sides
      .slice(0, -1)
      .flatMap((side, index) => [
        ...convolution(`blocks.${index}.first`, `b${side}.conv0`),
        ...convolution(`blocks.${index}.second`, `b${side}.conv1`),
        ...(architecture === "residual"
          ? [leafRule(`blocks.${index}.skip.weight`, `b${side}.skip.weight`, kernel)]
          : []),
      ]),
    ...convolution("exit", "b4.conv"),
    ...layerRules("hidden", "b4.fc", flattenedPicture(widest, 16, widest)),
    ...layerRules("head", "b4.out"),
  ];
}

/**
 * Filters and encodings that are computed, noise of the authors' own draw, and what a network that has it never reads: keys beside
 * centroids, the places of latents, and styles without a global latent.
 */
const ignored = [
  /resample_filter$/,
  /\.(grid_pos|noise_const)$/,
  /\.transformer\.to_(keys|pos_map)\./,
  /^pos$/,
  /^mapping\.global_mlp\./,
  /\.affine\./,
];

/** Names and layouts of the release's PyTorch side, of state dicts: its own files pickle whole modules, which are not read. */
export const weights: ReferenceWeights<GansformerConfig> = {
  source: "https://github.com/dorarad/gansformer",
  generator: (config) => networkWeights(generatorRules(config), ignored),
  discriminator: ({ imageSize, classes, discriminator }) =>
    networkWeights(discriminatorRules(imageSize, classes, discriminator), ignored),
  places: { generator: ["G"], average: ["Gs", "G_ema"], discriminator: ["D"] },
};
