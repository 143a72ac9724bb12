import { refId } from "@ganymede/core";
import type { ReferenceWeights, WeightRule, WeightsNeed } from "@ganymede/core/weights";
import {
  chwToHwc,
  flattenedChwToHwc,
  layerRules,
  leafRule,
  networkWeights,
  oihwToHwio,
  pixelMatrix,
  reshaped,
  rulesAt,
  weightsNeed,
} from "@ganymede/core/weights";
import { usesPositions } from "./components-layer.js";
import type { BipartiteConfig, GansformerConfig, GeneratorConfig } from "./config.js";
import { attendsAt, channelsAt, sidesTo } from "./config.js";

const need: WeightsNeed = weightsNeed("gansformer: weights of the release", "one of its presets");

/** Linear maps by their names on both sides. */
const linears = (names: Readonly<Record<string, string>>): WeightRule[] =>
  Object.entries(names).flatMap(([ours, theirs]) => layerRules(ours, theirs));

function attentionRules(positions: boolean, duplex = false): WeightRule[] {
  const centroids = [leafRule("centroids.centroids", "centroids"), leafRule("importance", "att_weight")];
  return [
    ...linears({ query: "to_queries", value: "to_values", control: "modulation" }),
    ...(positions ? linears({ position: "from_pos_map" }) : []),
    ...(duplex ? centroids : linears({ keys: "to_keys", ...(positions && { keyPosition: "to_pos_map" }) })),
  ];
}

const gateRules = (ours: string, theirs: string): WeightRule[] =>
  linears({ [`${ours}.content`]: `${theirs}.gate`, [`${ours}.position`]: `${theirs}.gate_pos` });

/** One of the two networks from z to w. */
function latentRules({ layers, residual }: GeneratorConfig["mapping"], attention: WeightRule[]): WeightRule[] {
  const blocks = Array.from({ length: residual ? Math.floor((layers + 1) / 2) : layers }, (_, index) => {
    const [ours, theirs] = [`blocks.${index}`, `l${index}`];
    const two = { [`${ours}.first`]: `${theirs}.fc0`, [`${ours}.second`]: `${theirs}.fc1` };
    return [
      ...rulesAt(`${ours}.attention`, `sa${index}`, attention),
      ...linears(residual ? two : { [`${ours}.first`]: theirs }),
    ];
  });
  return [...blocks.flat(), ...layerRules("output", "out_layer")];
}

function mappingRules({ mapping, style, attention }: GeneratorConfig): WeightRule[] {
  const bipartite = attention.kind === "none" ? undefined : attention;
  const among = bipartite?.betweenLatents ? attentionRules(usesPositions(bipartite)) : [];
  return [
    ...(bipartite ? rulesAt("components", "mlp", latentRules(mapping, among)) : []),
    ...(style ? rulesAt("global", "global_mlp", latentRules(mapping, [])) : []),
    leafRule("statistics.average", "w_avg"),
  ];
}

const pixelRules = ({ variant, gates }: BipartiteConfig): WeightRule[] => [
  ...attentionRules(true, refId(variant) === "duplex"),
  ...(gates.pixels ? gateRules("tokenGate", "from_gate_attention") : []),
  ...(gates.latents ? gateRules("memoryGate", "to_gate_attention") : []),
];

/** A modulated convolution, and the attention behind it. */
function convolutionRules({ style, attention }: GeneratorConfig, side: number): WeightRule[] {
  const bipartite = attendsAt(attention, side);
  return [
    leafRule("weight", "weight", oihwToHwio),
    ...(style ? layerRules("style", "affine") : []),
    ...(bipartite ? rulesAt("attention", "transformer", pixelRules(bipartite)) : []),
  ];
}

function synthesisRules({ imageSize, channels, generator }: GansformerConfig): WeightRule[] {
  const { architecture, style, noise } = generator;
  const bare = { ...generator, attention: { kind: "none" } } as const;
  return sidesTo(imageSize).flatMap((side, index) => {
    const [first, ends] = [index === 0, side === imageSize];
    const layer = [
      ...convolutionRules(generator, side),
      ...(noise ? [leafRule("noise.strength", "noise_strength", reshaped([1], []))] : []),
      leafRule("bias", "biasAct.bias"),
    ];
    const color = [
      leafRule("weight", "weight", pixelMatrix(channelsAt(generator, side), channels)),
      ...(style ? layerRules("style", "affine") : []),
      leafRule("bias", "biasAct.bias"),
    ];
    return rulesAt(`blocks.${index}`, `b${side}`, [
      ...(first ? [] : rulesAt("up", "conv0", layer)),
      ...rulesAt("main", "conv1", layer),
      ...(ends ? rulesAt("last", "conv_last", convolutionRules(bare, side)) : []),
      ...(first || architecture !== "residual" ? [] : [leafRule("skip.weight", "skip.weight", oihwToHwio)]),
      ...(ends || architecture === "skip" ? rulesAt("toImage", "torgb", color) : []),
    ]);
  });
}

function generatorRules(config: GansformerConfig): WeightRule[] {
  const { classes, generator } = config;
  const { attention } = generator;
  need(classes === 0, `classes 0, got ${classes}`);
  if (attention.kind === "bipartite") {
    const { variant, centroids, position } = attention;
    const duplex = variant === "duplex";
    const name = "generator.attention";
    need(duplex || variant === "simplex", `${name}.variant duplex or simplex, got ${refId(variant)}`);
    need(!duplex || centroids === "learned", `${name}.centroids learned, got ${centroids}`);
    need(position.kind === "sinusoidal", `${name}.position.kind sinusoidal, got ${position.kind}`);
  }
  return [
    ...(attention.kind === "bipartite" && usesPositions(attention) ? [leafRule("positions", "pos")] : []),
    ...rulesAt("mapping", "mapping", mappingRules(generator)),
    leafRule("synthesis.start", "synthesis.b4.const", chwToHwc),
    ...rulesAt("synthesis", "synthesis", synthesisRules(config)),
  ];
}

function discriminatorRules({ imageSize, classes, discriminator }: GansformerConfig): WeightRule[] {
  const { architecture, attention } = discriminator;
  need(classes === 0, `classes 0, got ${classes}`);
  need(attention.kind === "none", `discriminator.attention.kind none, got ${attention.kind}`);
  const convolution = (ours: string, theirs: string): WeightRule[] => [
    leafRule(`${ours}.weight`, `${theirs}.weight`, oihwToHwio),
    leafRule(`${ours}.bias`, `${theirs}.biasAct.bias`),
  ];
  const widest = channelsAt(discriminator, 4);
  const skip = [leafRule("skip.weight", "skip.weight", oihwToHwio)];
  const block = [
    ...convolution("first", "conv0"),
    ...convolution("second", "conv1"),
    ...(architecture === "residual" ? skip : []),
  ];
  const sides = sidesTo(imageSize).reverse();
  return [
    ...convolution("entry", `b${imageSize}.fromrgb`),
    ...sides.slice(0, -1).flatMap((side, index) => rulesAt(`blocks.${index}`, `b${side}`, block)),
    ...(architecture === "skip" ? sides.slice(1) : []).flatMap((side, index) =>
      convolution(`entries.${index}`, `b${side}.fromrgb`),
    ),
    ...convolution("exit", "b4.conv"),
    ...layerRules("hidden", "b4.fc", flattenedChwToHwc(widest, 16, widest)),
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
  discriminator: (config) => networkWeights(discriminatorRules(config), ignored),
  places: { generator: ["G"], average: ["Gs", "G_ema"], discriminator: ["D"] },
};
