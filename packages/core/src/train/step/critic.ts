import type * as tf from "@tensorflow/tfjs-core";
import type { PixelLogits } from "../../contracts/model-family.js";
import type { Key } from "../../random/key.js";
import { fold } from "../../random/key.js";
import type { ParamTree } from "../../tree/param-tree.js";
import { conditions } from "./real-images.js";
import type { StepParts } from "./step-parts.js";
import type { TrainState } from "./train-state.js";

/** Images and how they are looked at. */
export interface View {
  readonly images: tf.Tensor4D;
  readonly labels: tf.Tensor1D | undefined;
  /** Names the draws of augmentation and dropout. */
  readonly draw: string;
}

/** The discriminator as a loss sees it: augmentation, weights and classes are seen to. */
export interface Critic {
  judge(view: View): tf.Tensor1D;
  judgePixels(view: View): PixelLogits;
}

export interface CriticOptions<D extends ParamTree> {
  /** After the weight transform. */
  readonly weights: D;
  readonly key: Key;
  readonly update?: (statistic: tf.Tensor, next: tf.Tensor) => void;
}

/** Binds the discriminator to its weights for one forward pass or several. */
export function createCritic<G extends ParamTree, D extends ParamTree>(
  { model, augmentation, training }: StepParts<G, D>,
  state: Pick<TrainState, "step" | "adaptation">,
  { weights, key, update }: CriticOptions<D>,
): Critic {
  const augment = (images: tf.Tensor4D, draw: string): tf.Tensor4D => {
    if (augmentation === null) return images;
    const at = fold(fold(key, "augment"), draw);
    if (training.adaptation === null) return augmentation.apply(images, at);
    return augmentation.apply(images, at, (state.adaptation as { readonly strength: tf.Scalar }).strength);
  };
  const context = ({ labels, draw }: View) =>
    ({
      mode: "training",
      key: fold(key, draw),
      ...conditions(labels, state.step),
      ...(update !== undefined && { update }),
    }) as const;
  return {
    judge: (view) => model.discriminator.apply(weights, augment(view.images, view.draw), context(view)),
    judgePixels(view) {
      const { pixels } = model as { readonly pixels: NonNullable<typeof model.pixels> };
      return pixels.apply(weights, augment(view.images, view.draw), context(view));
    },
  };
}
