import { expectShape } from "@ganymede/core";
import { compose, convolution, linear, residualDownBlock, upsample } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import type { ConvolutionalDiscriminatorConfig } from "./config.js";
import type { PixelDiscriminator } from "./pixel-discriminator.js";
import { classedHead, unetDiscriminator } from "./pixel-discriminator.js";

/**
 * A residual block that doubles the map: ReLU, nearest neighbours, conv 3x3, ReLU, conv 3x3; plus a convolution 1x1, doubled.
 * Shape: x `[B, H, W, inputs]` to `[B, 2 H, 2 W, outputs]`.
 * Source: Schönfeld et al. 2020, U-Net GAN, arXiv 2002.12655, appendix; boschresearch/unetgan, `GBlock2` without norms.
 * Differs from source: the 1x1 convolution comes before the doubling, which gives the same for a quarter of the work.
 */
function upBlock(inputs: number, outputs: number) {
  const parts = {
    first: convolution({ inputs, outputs, kernel: 3, resize: "double-before" }),
    second: convolution({ inputs: outputs, outputs, kernel: 3 }),
    skip: linear({ inputs, outputs }),
  };
  return compose(parts, (part, x: tf.Tensor4D): tf.Tensor4D => {
    const straight = part.second(tf.relu(part.first(tf.relu(x))));
    return tf.add(straight, upsample(part.skip(x)));
  });
}

/** The image's logit and the maps of the way down. */
interface Encoded {
  readonly image: tf.Tensor1D;
  readonly maps: readonly tf.Tensor4D[];
}

/**
 * The U-Net discriminator of convolutions: BigGAN's blocks down, the sum of the smallest map's pixels for the image's logit, blocks up
 * beside the maps of the way down for the pixels'.
 *
 * Shape: images `[B, H, W, C]` to `[B]`, and to `[B, H, W, 1]`.
 * Source: Schönfeld et al. 2020, U-Net GAN, arXiv 2002.12655, section 3.1; boschresearch/unetgan, without attention.
 * Differs from source: a linear map that nothing reads is left out.
 */
export function createConvolutionalUnet(
  imageShape: readonly [number, number, number],
  { channels: widths, pixels }: ConvolutionalDiscriminatorConfig,
  classes = 0,
): PixelDiscriminator {
  const [narrowest = 0, widest = 0] = [widths[0], widths.at(-1)];
  const downBlock = (outputs: number, index: number) =>
    residualDownBlock({ inputs: widths[index - 1] ?? imageShape[2], outputs, halves: true, entry: index === 0 });
  const down = {
    down: widths.map(downBlock),
    imageHead: classedHead({ inputs: widest, outputs: 1, classes, linear }),
  };
  const encoder = compose(down, (part, images: tf.Tensor4D): Encoded => {
    expectShape(images, ["B", ...imageShape], "convolutional U-Net input");
    const maps: tf.Tensor4D[] = [];
    const last = part.down.reduce((x, block) => {
      maps.push(block(x));
      return maps.at(-1)!;
    }, images);
    const pooled = tf.sum<tf.Tensor2D>(tf.relu(last), [1, 2]);
    return { image: tf.reshape(part.imageHead(pooled), [-1]), maps };
  });
  // From the smallest map: as wide as the map that it joins, and at last as the first.
  const rising = [...widths.slice(0, -1).reverse(), narrowest];
  const up = {
    up: rising.map((outputs, index) => upBlock(index === 0 ? widest : 2 * rising[index - 1]!, outputs)),
    pixelHead: classedHead({ inputs: narrowest, outputs: 1, classes, linear }),
  };
  const decoder = compose(up, (part, { maps }: Encoded): tf.Tensor4D => {
    const [smallest, ...beside] = [...maps].reverse();
    const x = part.up.reduce((h, block, index) => {
      const [larger, skip] = [block(h), beside[index]];
      return skip === undefined ? larger : tf.concat4d([larger, skip], 3);
    }, smallest!);
    return part.pixelHead(x) as tf.Tensor4D;
  });
  return unetDiscriminator(encoder, decoder, pixels);
}
