import type { GansformerConfig, MappingNetworkOptions } from "@ganymede/models-gansformer";

const architectures = { resnet: "residual", skip: "skip", orig: "plain" } as const;

/** The fields of a file's mapping network. */
export interface MappingConfig {
  readonly k: number;
  readonly z_dim: number;
  readonly w_dim: number;
  readonly num_layers: number;
  readonly resnet: boolean;
  readonly ltnt2ltnt: boolean;
  readonly use_pos: boolean;
  readonly heads: number;
  readonly integration: keyof typeof integrations;
  readonly norm: "layer" | "instance" | "batch" | null;
  readonly lrmul: number;
  readonly transformer: boolean;
}

/** The fields of a file's synthesis network. */
export interface SynthesisConfig {
  readonly channel_base: number;
  readonly channel_max: number;
  readonly architecture: keyof typeof architectures;
  readonly style: boolean;
  readonly local_noise: boolean;
  readonly start_res: number;
  readonly end_res: number;
  readonly norm: "layer" | "instance" | "batch" | null;
  readonly integration: "add" | "mul" | "both";
  readonly kmeans: boolean;
  readonly kmeans_iters: number;
  readonly heads: number;
  readonly use_pos: boolean;
  readonly pos_type: string;
  readonly pos_directions_num: number;
  readonly resample_filter: readonly number[];
}

const integrations = { add: "add", both: "both", mul: "multiply" } as const;

/** The source accepts "batch" and computes "layer". */
const normOf = (norm: MappingConfig["norm"]) => (norm === "batch" ? ("layer" as const) : norm);

export function mappingOptions(config: MappingConfig): MappingNetworkOptions {
  const { k, z_dim, w_dim, num_layers, resnet, ltnt2ltnt, heads, integration, norm, lrmul, transformer } = config;
  const attention = { integration: integrations[integration], norm: normOf(norm), heads, positionWidth: z_dim };
  return {
    components: transformer ? k - 1 : 0,
    global: true,
    inputs: z_dim,
    width: w_dim,
    layers: num_layers,
    residual: resnet,
    multiplier: lrmul,
    ...(transformer && ltnt2ltnt ? { attention } : {}),
  };
}

interface GeneratorFile {
  readonly k: number;
  readonly w_dim: number;
  readonly img_resolution: number;
  readonly img_channels: number;
  readonly transformer: boolean;
  readonly noise_mode: "const" | "none" | "random";
  readonly synthesis: SynthesisConfig;
}

function attentionOf({ k, transformer, synthesis }: GeneratorFile): GansformerConfig["generator"]["attention"] {
  if (!transformer) return { kind: "none" };
  const { kmeans, kmeans_iters: rounds, heads, integration, norm, start_res, end_res, use_pos } = synthesis;
  return {
    kind: "bipartite",
    variant: kmeans ? "duplex" : "simplex",
    components: k - 1,
    heads,
    integration: integration === "mul" ? "multiply" : integration,
    norm: normOf(norm),
    centroids: "learned",
    rounds,
    // Encodings that are not computed are stored, one for each pixel.
    position:
      synthesis.pos_type === "sinus"
        ? { kind: "sinusoidal", directions: synthesis.pos_directions_num }
        : { kind: "table" },
    latentPositions: use_pos,
    gates: { pixels: false, latents: false },
    dropout: 0,
    betweenLatents: false,
    from: 2 ** start_res,
    to: 2 ** (end_res - 1),
    componentDropout: 0,
    componentMixing: 0,
  };
}

/** The config of a file's synthesis network; mapping and discriminator stand for nothing. */
export function configFrom(file: GeneratorFile): GansformerConfig {
  const { synthesis } = file;
  const shared = {
    channelBase: synthesis.channel_base,
    channelMax: synthesis.channel_max,
    architecture: architectures[synthesis.architecture],
    blurTaps: synthesis.resample_filter,
  };
  return {
    imageSize: file.img_resolution,
    channels: file.img_channels as 1 | 3,
    classes: 0,
    generator: {
      ...shared,
      latentWidth: file.w_dim,
      mapping: { layers: 1, residual: false, multiplier: 1 },
      style: synthesis.style,
      noise: synthesis.local_noise && file.noise_mode === "const",
      attention: attentionOf(file),
      styleMixing: 0,
    },
    discriminator: { ...shared, minibatchStdDev: { groupSize: 1, features: 1 }, attention: { kind: "none" } },
  };
}

export const architectureOf = (name: keyof typeof architectures) => architectures[name];
export type SourceArchitecture = keyof typeof architectures;
