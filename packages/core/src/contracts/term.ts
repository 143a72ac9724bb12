import type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor4D } from "@tensorflow/tfjs-core";
import type { AnyComponent } from "../component/component.js";
import type { Key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";
import type { AnswersOf, Capability } from "./capabilities.js";
import type { Context, Layer } from "./layer.js";
import type { AdversarialLoss, Logits } from "./loss.js";
import type { AdversarialModel } from "./model-family.js";
import type { Progress, ScheduleInputs } from "./schedule.js";

/** Images, and their classes where the model has classes. */
export type LabelledImages = {
  /** `[B, H, W, C]` in [-1, 1]. */
  readonly images: Tensor4D;
  /** int32 `[B]`. */
  readonly labels?: Tensor1D;
};

/** What images are made from. */
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
  /** False for images that are judged as they are. Default: true. */
  readonly augment?: boolean;
}

/** Real images, or generated ones. */
export type Side = "real" | "fake";

/**
 * Where d sum D(x) / d x is taken: at the images, through the augmentation, or at the augmented images. The penalty of a term is
 * differentiated again, through both.
 */
export type GradientSite = Side | `${Side}/augmented`;

/** A network's function of its parameters. */
type Network<Params extends ParamTree, Input, Output> = Pick<Layer<Params, Input, Output>, "apply">;

/** What terms of either network read. */
interface Pass {
  readonly progress: Progress;
  /** Of this update and this term. */
  readonly key: Key;
  /** The trained parameters, before the weight transform. */
  readonly params: ParamTree;
  /** D with augmentation, transformed weights and labels applied. */
  judge(judged: Judged): Logits;
  /** Another network over the discriminator's parameters, applied in the same way. */
  judgeBy<Output>(network: Network<never, Tensor4D, Output>, judged: Judged): Output;
  /** Latents of the images of the loss. */
  readonly latents: Latents;
  /** Fresh latents. */
  drawLatents(key: Key, count: number): Latents;
  /** G with transformed weights, in training mode. In the discriminator's update it gets no gradient. */
  generate(latents: Latents, key: Key): Tensor4D;
}

/** One part of the batch of a discriminator update. */
export interface DiscriminatorPass extends Pass {
  readonly real: LabelledImages;
  /** As many as the real ones. */
  readonly fake: LabelledImages;
  /** The logits of the loss, computed once; with a label, those of the same images under other draws of augmentation and dropout. */
  logits(draw?: string): Readonly<Record<Side, Logits>>;
  /** Gradient `[B, H, W, C]` at a site that the term lists in `gradients`; computed once, in the same pass as the logits. */
  gradient(site: GradientSite): Tensor4D;
  /** All answers of the capability that the term names in `answers`, from the pass of the logits of the loss. */
  answers<Name extends Capability>(capability: Name, side: Side): AnswersOf<Name>;
}

/** One part of the batch of a generator update, against the discriminator as it now is. */
export interface GeneratorPass extends Pass {
  /** The generated images of the loss, with a gradient. */
  readonly fake: LabelledImages;
  /** Real images, where the term, the loss or the configuration asks for them. */
  readonly real: LabelledImages | null;
  /** The generator's weights after the weight transform. */
  readonly weights: ParamTree;
  /** Images of one part of the batch. */
  readonly batch: number;
  /** Logits of `fake`, computed once. */
  logits(): Logits;
  /** A context of training mode. */
  context(key: Key, labels?: Tensor1D): Context;
  /** All answers of the discriminator's capability that the term names in `answers`. */
  answers<Name extends Capability>(capability: Name, side: Side): AnswersOf<Name>;
  /** All outputs of the generator's capability that the term names in `outputs`. */
  outputs<Name extends Capability>(capability: Name): AnswersOf<Name>;
}

/** What a term gives. */
export interface TermResult<Memory extends ParamTree = ParamTree> {
  /** Added to the objective after a multiplication by `every`. */
  readonly value: Scalar;
  /** The next memory; it is averaged over the parts of an update, so what a part observes may enter it linearly only. */
  readonly memory?: Memory;
  /** Further numbers for people, by name. */
  readonly report?: Readonly<Record<string, Scalar>>;
}

interface Term<Memory extends ParamTree> {
  /** Steps between two applications (lazy regularisation); the value is multiplied by it. */
  readonly every: number;
  /** A model without one of these is refused before the first step. */
  readonly needs: readonly Capability[];
  /**
   * A capability of the discriminator whose network gives logits as `image`, and more: the logits of the loss are then taken from its
   * pass. At most one of the terms of a network has one.
   */
  readonly answers?: Capability;
  /** What the adversarial loss is multiplied by while this term applies. Default: 1. */
  readonly lossWeight?: number;
  /** Memory before the first step; absent for a term that remembers nothing. */
  init?(): Memory;
  /** Once per update, after the memories of its parts were averaged: for what is not linear, such as a controller. */
  finish?(memory: Memory, progress: Progress): Memory;
}

/** A term of the discriminator's objective. */
export interface DiscriminatorTerm<Memory extends ParamTree = ParamTree> extends Term<Memory> {
  /** Sites of the gradients that it asks for. */
  readonly gradients?: readonly GradientSite[];
  /** Changes the images of the update before any is judged. */
  prepare?(
    pass: Omit<DiscriminatorPass, "logits" | "gradient" | "answers">,
    memory: Memory,
  ): Readonly<Record<Side, LabelledImages>>;
  apply(pass: DiscriminatorPass, memory: Memory): TermResult<Memory>;
}

/** A term of the generator's objective. */
export interface GeneratorTerm<Memory extends ParamTree = ParamTree> extends Term<Memory> {
  /** True for one that reads real images. */
  readonly readsReal?: boolean;
  /**
   * A capability of the generator whose network gives images as `images`, and more: the fakes of the loss are then taken from it. At most
   * one of the terms has one.
   */
  readonly outputs?: Capability;
  /** Weights of the fakes in the adversarial loss, broadcast to their logits; no gradient passes through. */
  weights?(logits: Logits, progress: Progress): Tensor;
  /** Absent for a term that only weighs. */
  apply?(pass: GeneratorPass, memory: Memory): TermResult<Memory>;
}

/** What terms and augmentations are made with. */
export interface TermInputs extends ScheduleInputs {
  readonly model: AdversarialModel;
  readonly loss: AdversarialLoss;
  /** Real images of one update of the discriminator. */
  readonly imagesPerUpdate: number;
  /** Begins the sentences of errors: the setting that names the part. */
  readonly where: string;
}

/** Terms as plugins contribute them. */
export interface DiscriminatorTermComponent extends AnyComponent {
  create(settings: never, inputs: TermInputs): DiscriminatorTerm;
}

export interface GeneratorTermComponent extends AnyComponent {
  create(settings: never, inputs: TermInputs): GeneratorTerm;
}
