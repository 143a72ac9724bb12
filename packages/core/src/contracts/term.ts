import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { AnyComponent } from "../component/component.js";
import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";
import type { AnswersOf, Capability } from "./capabilities.js";
import type { Context, Layer } from "./layer.js";
import type { AdversarialLoss, Logits } from "./loss.js";
import type { AdversarialModel } from "./model-family.js";
import type { Progress, ScheduleInputs } from "./schedule.js";

/** Images, with classes if the model has classes. */
export type LabelledImages = {
  /** `[B, H, W, C]` in [-1, 1]. */
  readonly images: Tensor4D;
  /** int32 `[B]`. */
  readonly labels?: Tensor1D;
};

/** Inputs of the generator. */
export interface Latents {
  /** `[B, latentSize]`. */
  readonly z: Tensor2D;
  /** int32 `[B]`; absent for a model without classes. */
  readonly labels?: Tensor1D;
}

/** Images for the discriminator. */
export interface Judged extends LabelledImages {
  /** Label of the random stream of augmentation and dropout. */
  readonly draw: string;
  /** False to skip augmentation. Default: true. */
  readonly augment?: boolean;
}

/** Real images, or generated ones. */
export type Side = "real" | "fake";

/**
 * Where d sum D(x) / d x is computed: with respect to the images, through the augmentation; or with respect to the augmented images. A
 * penalty on it is differentiated again, through both.
 */
export type GradientSite = Side | `${Side}/augmented`;

/** A network as a function of its parameters. */
type Network<Params extends ParamTree, Input, Output> = Pick<Layer<Params, Input, Output>, "apply">;

/** Inputs of terms of either network. */
interface Pass {
  readonly progress: Progress;
  /** Key of this update and term. */
  readonly key: Key;
  /** The trained parameters, before the weight transform. */
  readonly params: ParamTree;
  /** D with augmentation, transformed weights and labels applied. */
  judge(judged: Judged): Logits;
  /** Applies another network over the discriminator's parameters in the same way. */
  judgeBy<Output>(network: Network<never, Tensor4D, Output>, judged: Judged): Output;
  /** Latents of the images of the loss. */
  readonly latents: Latents;
  /** Draws new latents. */
  drawLatents(key: Key, count: number): Latents;
  /** G with transformed weights, in training mode. Without a gradient in the discriminator's update. */
  generate(latents: Latents, key: Key): Tensor4D;
}

/** One part of the batch of a discriminator update. */
export interface DiscriminatorPass extends Pass {
  readonly real: LabelledImages;
  /** Generated images, as many as real ones. */
  readonly fake: LabelledImages;
  /** Logits of the loss, computed once; with a label, logits of the same images with other draws of augmentation and dropout. */
  logits(draw?: string): Readonly<Record<Side, Logits>>;
  /** Gradient `[B, H, W, C]` at a site listed in the term's `gradients`; computed once, in the same pass as the logits. */
  gradient(site: GradientSite): Tensor4D;
  /** All outputs of the capability named in the term's `answers`, from the same pass as the logits of the loss. */
  answers<Name extends Capability>(capability: Name, side: Side): AnswersOf<Name>;
}

/** One part of the batch of a generator update, against the current discriminator. */
export interface GeneratorPass extends Pass {
  /** The generated images of the loss, with gradient. */
  readonly fake: LabelledImages;
  /** Real images, if the term, the loss or the configuration needs them. */
  readonly real: LabelledImages | null;
  /** The generator's weights after the weight transform. */
  readonly weights: ParamTree;
  /** Number of images in this part of the batch. */
  readonly batch: number;
  /** Logits of `fake`, computed once. */
  logits(): Logits;
  /** A context in training mode. */
  context(key: Key, labels?: Tensor1D): Context;
  /** All outputs of the discriminator's capability named in the term's `answers`. */
  answers<Name extends Capability>(capability: Name, side: Side): AnswersOf<Name>;
  /** All outputs of the generator's capability named in the term's `outputs`. */
  outputs<Name extends Capability>(capability: Name): AnswersOf<Name>;
}

/** Result of a term. */
export interface TermResult<Memory extends ParamTree = ParamTree> {
  /** Added to the objective after multiplication by `every`. */
  readonly value: Scalar;
  /** The next memory; it is averaged over the parts of an update, so it must be linear in what a part observes. */
  readonly memory?: Memory;
  /** Further scalars to log, by name. */
  readonly report?: Readonly<Record<string, Scalar>>;
}

interface Term<Memory extends ParamTree> {
  /** Steps between two applications (lazy regularisation); the value is multiplied by it. */
  readonly every: number;
  /** Required capabilities; a model without one is rejected before the first step. */
  readonly needs: readonly Capability[];
  /**
   * A capability of the discriminator whose network returns logits as `image` along with other outputs: the logits of the loss then come
   * from its pass. At most one of the terms of a network has one.
   */
  readonly answers?: Capability;
  /** Factor of the adversarial loss while this term applies. Default: 1. */
  readonly lossWeight?: number;
  /** Initial memory; absent for a term without memory. */
  init?(): Memory;
  /** Called once per update with the memories averaged over its parts: for nonlinear updates, such as a controller. */
  finish?(memory: Memory, progress: Progress): Memory;
}

/** A term of the discriminator's objective. */
export interface DiscriminatorTerm<Memory extends ParamTree = ParamTree> extends Term<Memory> {
  /** Sites of the gradients that it uses. */
  readonly gradients?: readonly GradientSite[];
  /** Changes the images of the update before the discriminator sees any. */
  prepare?(
    pass: Omit<DiscriminatorPass, "logits" | "gradient" | "answers">,
    memory: Memory,
  ): Readonly<Record<Side, LabelledImages>>;
  apply(pass: DiscriminatorPass, memory: Memory): TermResult<Memory>;
}

/** A term of the generator's objective. */
export interface GeneratorTerm<Memory extends ParamTree = ParamTree> extends Term<Memory> {
  /** True if it reads real images. */
  readonly readsReal?: boolean;
  /**
   * A capability of the generator whose network returns images as `images` along with other outputs: the fakes of the loss then come from
   * it. At most one of the terms has one.
   */
  readonly outputs?: Capability;
  /** Weights of the fakes in the adversarial loss, broadcast to their logits, without gradient. */
  weights?(logits: Logits, progress: Progress): Tensor;
  /** Absent for a term that only provides weights. */
  apply?(pass: GeneratorPass, memory: Memory): TermResult<Memory>;
}

/** Inputs of the factories of terms and augmentations. */
export interface TermInputs extends ScheduleInputs {
  readonly model: AdversarialModel;
  readonly loss: AdversarialLoss;
  /** Real images per update of the discriminator. */
  readonly imagesPerUpdate: number;
  /** Start of the error sentences: the setting that names the part. */
  readonly where: string;
}

/** Terms as plugins provide them. */
export interface DiscriminatorTermComponent extends AnyComponent {
  create(settings: never, inputs: TermInputs): DiscriminatorTerm;
}

export interface GeneratorTermComponent extends AnyComponent {
  create(settings: never, inputs: TermInputs): GeneratorTerm;
}
