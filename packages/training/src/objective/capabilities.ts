import type { Layer, NetworkParams } from "@ganymede/core";
import type * as tf from "@tensorflow/tfjs-core";

/** Image and pixel logits of a discriminator. */
export interface PixelLogits {
  /** `[B]`, the discriminator's own output. */
  readonly image: tf.Tensor1D;
  /** `[B, H, W, 1]`. */
  readonly pixels: tf.Tensor4D;
}

declare module "@ganymede/core" {
  interface Capabilities<Networks extends NetworkParams> {
    /** The discriminator with logits per pixel. */
    readonly pixelLogits?: Pick<Layer<Networks["discriminator"], tf.Tensor4D, PixelLogits>, "apply">;
    /** Attention of the discriminator's learned queries: images to weights `[B, m, N]` over N positions. */
    readonly queries?: Pick<Layer<Networks["discriminator"], tf.Tensor4D, tf.Tensor3D>, "apply">;
  }
}
