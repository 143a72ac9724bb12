import type { Context, ParamsOf } from "@ganymede/core";
import { defineLayer, expectShape, fold } from "@ganymede/core";
import { linear, residualDownBlock } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { classedHead } from "./classed-head.js";
import type { ConvolutionalDiscriminatorConfig } from "./config.js";
import { upBlock } from "./up-block.js";

/**
 * The U-Net discriminator of convolutions: BigGAN's blocks down, the sum of the smallest map's pixels for the image's logit, blocks up
 * beside the maps of the way down for the pixels'.
 *
 * Shapes: images `[B, H, W, C]` to `[B]`, and to `[B, H, W, 1]`.
 * Source: Schönfeld et al. 2020, U-Net GAN, arXiv 2002.12655, section 3.1; boschresearch/unetgan, without attention.
 * Differs from source: a linear map that nothing reads is left out.
 */
export function createConvolutionalUnet(
  imageShape: readonly [number, number, number],
  { channels: widths, pixels }: ConvolutionalDiscriminatorConfig,
  classes = 0,
) {
  const widest = widths.at(-1) as number;
  const down = widths.map((outputs, index) =>
    residualDownBlock({ inputs: widths[index - 1] ?? imageShape[2], outputs, halves: true, entry: index === 0 }),
  );
  // From the smallest map: as wide as the map that it joins, and at last as the first.
  const rising = [...widths.slice(0, -1).reverse(), widths[0] as number];
  const up = rising.map((outputs, index) => {
    const before = index === 0 ? widest : 2 * (rising[index - 1] as number);
    return upBlock({ inputs: before, outputs });
  });
  const imageHead = classedHead({ inputs: widest, outputs: 1, classes, linear });
  const pixelHead = classedHead({ inputs: widths[0] as number, outputs: 1, classes, linear });
  const encoder = defineLayer({
    init: (key) => ({
      down: down.map((block, index) => block.init(fold(fold(key, "down"), index))),
      imageHead: imageHead.init(fold(key, "imageHead")),
    }),
    apply: (params, images: tf.Tensor4D, context: Context): tf.Tensor1D => encode(params, images, context).image,
  });
  const layer = defineLayer({
    init: (key) => ({
      ...encoder.init(key),
      up: up.map((block, index) => block.init(fold(fold(key, "up"), index))),
      pixelHead: pixelHead.init(fold(key, "pixelHead")),
    }),
    apply: (params, images: tf.Tensor4D, context: Context): tf.Tensor1D => encode(params, images, context).image,
  });
  type Params = ParamsOf<typeof layer>;

  /** The image's logit and the maps of the way down. */
  function encode(params: Pick<Params, "down" | "imageHead">, images: tf.Tensor4D, context: Context) {
    expectShape(images, ["B", ...imageShape], "convolutional U-Net input");
    const maps: tf.Tensor4D[] = [];
    let x = images;
    for (const [index, block] of down.entries()) {
      x = block.apply(params.down[index] as Params["down"][number], x, context);
      maps.push(x);
    }
    const pooled = tf.sum(tf.relu(x), [1, 2]) as tf.Tensor2D;
    return {
      image: tf.reshape(imageHead.apply(params.imageHead, pooled, context), [images.shape[0]]) as tf.Tensor1D,
      maps,
    };
  }

  /** Both answers. */
  function judge(params: Params, images: tf.Tensor4D, context: Context) {
    const { image, maps } = encode(params, images, context);
    const beside = maps.slice(0, -1).reverse();
    const x = up.reduce((h, block, index) => {
      const larger = block.apply(params.up[index] as Params["up"][number], h, context);
      const skip = beside[index];
      return skip === undefined ? larger : tf.concat4d([larger, skip], 3);
    }, maps.at(-1) as tf.Tensor4D);
    return { image, pixels: pixelHead.apply(params.pixelHead, x, context) as tf.Tensor4D };
  }
  return pixels ? { discriminator: layer, pixelLogits: { apply: judge } } : { discriminator: encoder };
}
