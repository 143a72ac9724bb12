import type { Layer, NetworkParams } from "@ganymede/core";
import type * as tf from "@tensorflow/tfjs-core";

/** A discriminator's two answers: one for the image and one for each pixel. */
export interface PixelLogits {
  /** `[B]`, what the discriminator itself gives. */
  readonly image: tf.Tensor1D;
  /** `[B, H, W, 1]`. */
  readonly pixels: tf.Tensor4D;
}

declare module "@ganymede/core" {
  interface Capabilities<Networks extends NetworkParams> {
    /** The discriminator with its logits per pixel. */
    readonly pixelLogits?: Pick<Layer<Networks["discriminator"], tf.Tensor4D, PixelLogits>, "apply">;
    /** Attention of each of the discriminator's learned queries: images to weights `[B, m, N]` over N places. */
    readonly queries?: Pick<Layer<Networks["discriminator"], tf.Tensor4D, tf.Tensor3D>, "apply">;
  }
}
