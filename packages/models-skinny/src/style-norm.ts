import type { Layer, ParamTree } from "@ganymede/core";
import { defineLayer } from "@ganymede/core";
import { layerNorm, selfModulatedNorm } from "@ganymede/core/nn";
import type * as tf from "@tensorflow/tfjs-core";

/** Tokens `[B, N, C]` and w `[B, styleWidth]`, which is there where it modulates. */
export interface Styled {
  readonly x: tf.Tensor3D;
  readonly style?: tf.Tensor2D | undefined;
}

export type StyleNorm = Layer<ParamTree, Styled, tf.Tensor3D>;

const epsilon = 1e-5;

/** LayerNorm, times 1 + a w + b where w modulates it, with a learned scale and shift where it does not. */
export function styleNorm(width: number, styleWidth: number | null): StyleNorm {
  if (styleWidth === null) {
    const plain = layerNorm({ width, epsilon });
    return defineLayer({
      init: plain.init,
      apply: (params, { x }: Styled, context) => plain.apply(params, x, context),
    }) as StyleNorm;
  }
  return selfModulatedNorm({ width, styleWidth, epsilon, form: "release" }) as StyleNorm;
}
