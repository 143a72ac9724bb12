import type { Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { ParamTree } from "../tree/param-tree.js";
import type { AttentionVariant } from "./attention.js";
import type { Capabilities } from "./capabilities.js";
import type { Layer, WeightTransform } from "./layer.js";
import type { Logits } from "./loss.js";
import type { TokenMixer } from "./mixer.js";
import type { TrainingConfig } from "./training-config.js";
import type { ReferenceWeights } from "./weights.js";

/** A generator and a discriminator of images `[B, H, W, C]` in [-1, 1], with the capabilities of the model. */
export interface AdversarialModel<Generator extends ParamTree = ParamTree, Discriminator extends ParamTree = ParamTree>
  extends Capabilities<{ readonly generator: Generator; readonly discriminator: Discriminator }> {
  /** Width of z; z is drawn from N(0, I). */
  readonly latentSize: number;
  /** `[H, W, C]`. */
  readonly imageShape: readonly [number, number, number];
  /** Number of classes; every context then has labels in [0, classes). Absent for an unconditional model. */
  readonly classes?: number | undefined;
  /** z `[B, latentSize]` to images `[B, H, W, C]`. */
  readonly generator: Layer<Generator, Tensor2D, Tensor4D>;
  /** Images to logits `[B]`, or `[B, K]` for K logits per image. */
  readonly discriminator: Layer<Discriminator, Tensor4D, Logits>;
  /** True if a logit depends on the other images of its batch (minibatch standard deviation): real and fake then run separately. */
  readonly discriminatorComparesImages?: boolean | undefined;
  /** Applied to the parameters before each use, such as spectral normalisation. */
  readonly generatorWeights?: WeightTransform<Generator> | undefined;
  readonly discriminatorWeights?: WeightTransform<Discriminator> | undefined;
}

/** A ready configuration of a model and its training. */
export interface Preset<Config> {
  readonly id: string;
  /** The table or command of the source that it reproduces. */
  readonly source: string;
  readonly model: Config;
  readonly training: TrainingConfig;
}

/** Parts from other packages that a family's config may name. */
export interface ModelParts {
  /** Attentions of other packages, in addition to the family's own. */
  readonly attentions?: readonly AttentionVariant[];
  /** Token mixers of other packages. */
  readonly mixers?: readonly TokenMixer[];
}

/** Generators and discriminators of one design, with their presets. */
export interface ModelFamily<Config = unknown> {
  readonly id: string;
  readonly source: string;
  readonly presets: readonly Preset<Config>[];
  /** Applies overrides to a preset's model config. Throws `invalid-config` for an unknown key, with similar names. */
  configure(base: Config, overrides: Readonly<Record<string, unknown>>): Config;
  create(config: Config, parts?: ModelParts): AdversarialModel;
  /** Names and layouts of the weights in the authors' files; absent if there are none. */
  readonly weights?: ReferenceWeights<Config>;
}
