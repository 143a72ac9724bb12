import type { Augmentation, AugmentationComponent, Key, ParamTree } from "@ganymede/core";
import { fold, key, normal } from "@ganymede/core";
import type { Settings } from "@ganymede/core/testing";
import {
  calmly,
  checkGradients,
  conformingPart,
  demand,
  expectAllClose,
  expectNoLeaks,
  purely,
} from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import { outlineOf } from "./check-optimizer.js";
import { progressAt } from "./check-schedule.js";
import { probeInputs } from "./probe-inputs.js";

/** Images, settings and accuracy of an augmentation's check. */
export interface AugmentationCheck {
  /** Default: the component's defaults. */
  readonly settings?: Settings;
  /** Channels of the images. Default: 3. */
  readonly channels?: number;
  /** Side of the square images. Default: 8. */
  readonly side?: number;
  /** Updates of the controller before the check, with D confident about its images: enough for it to act. Default: 20. */
  readonly updates?: number;
  /** Highest order of derivatives that is compared with finite differences. Default: 2. */
  readonly order?: 1 | 2;
}

const count = 4;

/** Memory after updates in which D was confident about its images. */
async function adapted({ init, adapt }: Augmentation, updates: number, who: string): Promise<ParamTree> {
  let memory = init?.() ?? {};
  if (adapt === undefined) return memory;
  const outline = outlineOf(memory);
  for (let step = 0; step < updates; step++) {
    const before = memory;
    memory = await calmly(() => purely(() => adapt(before, tf.scalar(1), progressAt(step)), who), who, "adapt");
    demand(outlineOf(memory) === outline, who, `adapt must keep the leaves of the memory, got ${outlineOf(memory)}`);
  }
  return memory;
}

const difference = async (a: tf.Tensor, b: tf.Tensor) => (await tf.max(tf.abs(tf.sub(a, b))).data())[0] as number;

/** The result depends on the images and the key alone. */
async function checkDraws(apply: (images: tf.Tensor4D, at: Key) => tf.Tensor4D, images: tf.Tensor4D, who: string) {
  const at = key(11);
  const result = apply(images, at);
  const exact = { relative: 0, absolute: 0 };
  await expectAllClose(apply(images, at), result, exact, `${who}: one key must give the same images`);
  let moved = false;
  for (let i = 0; i < 16 && !moved; i++) moved = (await difference(apply(images, fold(key(12), i)), result)) > 0;
  demand(
    moved,
    who,
    "the key must decide what happens, but 16 other keys give the same images; draw with normal or uniform of the key",
  );
  const first = tf.slice4d(images, [0, 0, 0, 0], [1, -1, -1, -1]);
  const [, ...shape] = images.shape;
  const among = tf.concat4d([first, normal<tf.Rank.R4>(key(13), [count - 1, ...shape])], 0);
  const close = { relative: 1e-4, absolute: 1e-5 };
  const own = (x: tf.Tensor4D) => tf.slice(x, 0, 1);
  await expectAllClose(
    own(apply(among, at)),
    own(result),
    close,
    `${who}: an image must not depend on the others of its batch`,
  );
}

/**
 * Checks an augmentation: it keeps the shape of images, depends on each image alone and on the key, is differentiable as often as penalties
 * need, agrees with finite differences, stays finite, keeps the leaves of its memory, reads no value and leaks no tensor.
 *
 * @throws GanymedeError `nonconforming` with the augmentation and the first rule that it violates.
 */
export async function checkAugmentation(
  component: AugmentationComponent,
  { settings = {}, channels = 3, side = 8, updates = 20, order = 2 }: AugmentationCheck = {},
): Promise<void> {
  const who = `augmentation "${component.id}"`;
  const part = conformingPart(component, settings, who);
  const augmentation = part.create(probeInputs(who, [side, side, channels])) as Augmentation;
  const memory = await adapted(augmentation, updates, who);
  const images = normal<tf.Rank.R4>(key(10), [count, side, side, channels], 0, 0.5);
  const apply = (x: tf.Tensor4D, at: Key) =>
    purely(() => augmentation.apply(x, at, { memory, progress: progressAt(7) }), who);
  const result = await calmly(() => apply(images, key(11)), who, "apply");
  const fits = String(result.shape) === String(images.shape);
  demand(fits, who, `images must keep their shape [${images.shape}], got [${result.shape}]`);
  demand((await result.data()).every(Number.isFinite), who, "images must be finite");
  await checkDraws(apply, images, who);
  const few = tf.slice4d(images, [0, 0, 0, 0], [2, -1, -1, -1]);
  await checkGradients((x: tf.Tensor4D) => apply(x, key(11)), few, { order, who, directions: 1 });
  await expectNoLeaks(() => {
    tf.tidy(() => void apply(images, key(11)));
  }, who);
}
