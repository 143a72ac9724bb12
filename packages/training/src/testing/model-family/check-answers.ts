import type { Context } from "@ganymede/core";
import { demand, expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import type { ModelCase } from "./case.js";
import { batch } from "./case.js";

const close = { relative: 1e-4, absolute: 1e-5 };

function expectShape(tensor: tf.Tensor, expected: readonly number[], who: string, what: string): void {
  demand(String(tensor.shape) === String(expected), who, `${what} must be [${expected}], got [${tensor.shape}]`);
}

async function expectFinite(tensor: tf.Tensor, who: string, what: string): Promise<void> {
  demand((await tensor.data()).every(Number.isFinite), who, `${what} must be finite`);
}

/** Images and logits of the promised shapes, the images from one key alone. */
async function checkShapes({ model, who, discriminator, z, images, context, generator }: ModelCase) {
  expectShape(images, [batch, ...model.imageShape], who, "images");
  const again = model.generator.apply(generator, z, context);
  await expectAllClose(again, images, { relative: 0, absolute: 0 }, `${who}: generator from one key`);
  const logits = model.discriminator.apply(discriminator, images, context);
  expectShape(logits, [batch], who, "logits");
  await expectFinite(images, who, "images");
  await expectFinite(logits, who, "logits");
  return logits;
}

/** An image's logit among others must be that of the image alone, unless the model says that it compares images. */
async function checkAlone({ model, who, discriminator, images, context }: ModelCase, logits: tf.Tensor1D) {
  if (model.discriminatorComparesImages === true) return;
  const labels = context.labels && (tf.slice1d(context.labels, 1, 1) as tf.Tensor1D);
  const own: Context = { mode: "inference", ...(labels && { labels }) };
  const alone = model.discriminator.apply(discriminator, tf.slice4d(images, [1, 0, 0, 0], [1, -1, -1, -1]), own);
  const rule = "a logit that depends on the other images of its batch must be declared by discriminatorComparesImages";
  await expectAllClose(alone, tf.slice1d(logits, 1, 1), close, `${who}: ${rule}`);
}

/** The discriminator's other answers: logits of pixels beside its own of the image, and where its queries look. */
async function checkBeside({ model, who, discriminator, images, context }: ModelCase, logits: tf.Tensor1D) {
  const [height, width] = model.imageShape;
  if (model.pixels !== undefined) {
    const { image, pixels } = model.pixels.apply(discriminator, images, context);
    await expectAllClose(image, logits, close, `${who}: pixels.image, which the discriminator gives itself`);
    expectShape(pixels, [batch, height, width, 1], who, "pixels.pixels");
    await expectFinite(pixels, who, "pixels.pixels");
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

/** Images from small ones whose side divides theirs. */
async function checkSuperResolution({ model, who, generator, context }: ModelCase) {
  if (model.superResolution === undefined) return;
  const { size, apply } = model.superResolution;
  const [height, width, channels] = model.imageShape;
  demand(
    Number.isInteger(size) && size > 0 && height % size === 0 && width % size === 0,
    who,
    `superResolution.size must divide the sides of images, ${height} x ${width}, got ${size}`,
  );
  const large = apply(generator, tf.fill([batch, size, size, channels], 0.5), context);
  expectShape(large, [batch, height, width, channels], who, "images of superResolution");
  await expectFinite(large, who, "images of superResolution");
}

/** Everything that a model declares of its two networks. */
export async function checkAnswers(given: ModelCase): Promise<void> {
  const logits = await checkShapes(given);
  await checkAlone(given, logits);
  await checkBeside(given, logits);
  await checkSuperResolution(given);
}
