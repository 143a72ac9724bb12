import type { Key, Layer, ParamTree, PixelLogits } from "@ganymede/core";
import { fold } from "@ganymede/core";
import type * as tf from "@tensorflow/tfjs-core";
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
  /** Where the queries look, `[B, m, N]`. */
  look(view: View): tf.Tensor3D;
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
  const through = <Answer>(network: Pick<Layer<D, tf.Tensor4D, Answer>, "apply">) => {
    return (view: View): Answer => network.apply(weights, augment(view.images, view.draw), context(view));
  };
  // Models without these two were refused before the first step.
  const { discriminator, pixels, queries } = model as Required<typeof model>;
  return { judge: through(discriminator), judgePixels: through(pixels), look: through(queries) };
}
