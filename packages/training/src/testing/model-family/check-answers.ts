import type { Context, Logits } from "@ganymede/core";
import { inference } from "@ganymede/core";
import { demand, expectAllClose, purely } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "../../objective/capabilities.js";
import type { ModelCase } from "./case.js";
import { batch } from "./case.js";

const close = { relative: 1e-4, absolute: 1e-5 };

function expectShape(tensor: tf.Tensor, expected: readonly number[], who: string, what: string): void {
  demand(String(tensor.shape) === String(expected), who, `${what} must be [${expected}], got [${tensor.shape}]`);
}

async function expectFinite(tensor: tf.Tensor, who: string, what: string): Promise<void> {
  demand((await tensor.data()).every(Number.isFinite), who, `${what} must be finite`);
}

/** Checks that images and logits have the documented shapes, and that one key gives the same images. */
async function checkShapes({ model, who, discriminator, z, images, context, generator }: ModelCase) {
  expectShape(images, [batch, ...model.imageShape], who, "images");
  const again = model.generator.apply(generator, z, context);
  await expectAllClose(again, images, { relative: 0, absolute: 0 }, `${who}: generator from one key`);
  const logits = purely(() => model.discriminator.apply(discriminator, images, context), `${who}: the discriminator`);
  const fits = logits.shape[0] === batch && logits.rank < 3;
  demand(fits, who, `logits must be [${batch}] or [${batch}, K], got [${logits.shape}]`);
  await expectFinite(images, who, "images");
  await expectFinite(logits, who, "logits");
  return logits;
}

/** Checks that a logit in a batch equals that of the image alone, unless the model declares that it compares images. */
async function checkAlone({ model, who, discriminator, images, context }: ModelCase, logits: Logits) {
  if (model.discriminatorComparesImages === true) return;
  const labels = context.labels && (tf.slice1d(context.labels, 1, 1) as tf.Tensor1D);
  const own: Context = { ...inference, ...(labels && { labels }) };
  const alone = model.discriminator.apply(discriminator, tf.slice4d(images, [1, 0, 0, 0], [1, -1, -1, -1]), own);
  const rule = "a logit that depends on the other images of its batch must be declared by discriminatorComparesImages";
  await expectAllClose(alone, tf.slice(logits, 1, 1), close, `${who}: ${rule}`);
}

/** Checks the discriminator's other outputs: pixel logits with the image logit, and the attention of its queries. */
async function checkBeside({ model, who, discriminator, images, context }: ModelCase, logits: Logits) {
  const [height, width] = model.imageShape;
  if (model.pixelLogits !== undefined) {
    const { image, pixels } = model.pixelLogits.apply(discriminator, images, context);
    await expectAllClose(image, logits, close, `${who}: pixelLogits.image against the discriminator's own output`);
    expectShape(pixels, [batch, height, width, 1], who, "pixelLogits.pixels");
    await expectFinite(pixels, who, "pixelLogits.pixels");
  }
  if (model.queries !== undefined) {
    const weights = model.queries.apply(discriminator, images, context);
    const fits = weights.rank === 3 && weights.shape[0] === batch;
    demand(fits, who, `queries must be [${batch}, m, N], got [${weights.shape}]`);
    const values = [...(await weights.data())];
    demand(
      values.every((value) => Number.isFinite(value) && value >= 0),
      who,
      `queries must be weights from 0 up, got ${Math.min(...values)}`,
    );
  }
}

/** Checks every declared capability of the two networks. */
export async function checkAnswers(given: ModelCase): Promise<void> {
  const logits = await checkShapes(given);
  await checkAlone(given, logits);
  await checkBeside(given, logits);
}
