import { defineLayer } from "@ganymede/core";
import { equalizedLinear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

/** Tokens `[n, D]` to the pixels of their patches `[n, P P, channels]` by one linear map: the plain output of a vision transformer. */
export function linearOutput({ width, channels, patchSize }: { width: number; channels: number; patchSize: number }) {
  const project = equalizedLinear({ inputs: width, outputs: patchSize ** 2 * channels });
  return defineLayer({
    init: project.init,
    apply: (params, tokens: tf.Tensor2D, context): tf.Tensor3D =>
      tf.reshape(project.apply(params, tokens, context), [-1, patchSize ** 2, channels]),
  });
}
