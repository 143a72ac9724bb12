import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { ParamTree } from "../tree/param-tree.js";
import type { AttentionVariant } from "./attention.js";
import type { Capabilities } from "./capabilities.js";
import type { Layer, WeightTransform } from "./layer.js";
import type { Logits } from "./loss.js";
import type { TokenMixer } from "./mixer.js";
import type { TrainingConfig } from "./training-config.js";
import type { ReferenceWeights } from "./weights.js";

/** A generator and a discriminator over images `[B, H, W, C]` in [-1, 1], with the capabilities that the model offers. */
export interface AdversarialModel<Generator extends ParamTree = ParamTree, Discriminator extends ParamTree = ParamTree>
  extends Capabilities<{ readonly generator: Generator; readonly discriminator: Discriminator }> {
  /** Width of z; z is drawn from N(0, I). */
  readonly latentSize: number;
  /** `[H, W, C]`. */
  readonly imageShape: readonly [number, number, number];
  /** Classes that images are drawn and judged by; every context then carries labels in [0, classes). Absent without classes. */
  readonly classes?: number | undefined;
  /** z `[B, latentSize]` to images `[B, H, W, C]`. */
  readonly generator: Layer<Generator, Tensor2D, Tensor4D>;
  /** Images to logits `[B]`, or `[B, K]` for K logits per image. */
  readonly discriminator: Layer<Discriminator, Tensor4D, Logits>;
  /** True when a logit depends on the other images of its batch (minibatch deviation): real and fake are then kept apart. */
  readonly discriminatorComparesImages?: boolean | undefined;
  /** Applied to the parameters before each use, as spectral normalisation is. */
  readonly generatorWeights?: WeightTransform<Generator> | undefined;
  readonly discriminatorWeights?: WeightTransform<Discriminator> | undefined;
}

/** A ready configuration: the model and how it is trained. */
export interface Preset<Config> {
  readonly id: string;
  /** Which table or command of which source it reproduces. */
  readonly source: string;
  readonly model: Config;
  readonly training: TrainingConfig;
}

/** What a family takes from outside where a config names it. */
export interface ModelParts {
  /** Variants of other packages; a family knows those that it comes with. */
  readonly attentions?: readonly AttentionVariant[];
  /** Token mixers of other packages. */
  readonly mixers?: readonly TokenMixer[];
}

/** Generators and discriminators of one design: its presets, and what makes a model of a configuration. */
export interface ModelFamily<Config = unknown> {
  readonly id: string;
  readonly source: string;
  readonly presets: readonly Preset<Config>[];
  /** Fills in a preset's model config with overrides. Throws `invalid-config` on an unknown key, with near names. */
  configure(base: Config, overrides: Readonly<Record<string, unknown>>): Config;
  create(config: Config, parts?: ModelParts): AdversarialModel;
  /** How the authors' files name and lay out the weights; absent where there are none to be had. */
  readonly weights?: ReferenceWeights<Config>;
}
