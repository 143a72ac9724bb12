import type { AttentionOptions, Key } from "@ganymede/core";
import type { Bound, LinearParams } from "@ganymede/core/nn";
import { headWidthOf, mergeHeads, linear as plainLinear, splitHeads } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";

export type TiedParams = { readonly query: LinearParams; readonly value: LinearParams; readonly output: LinearParams };

/**
 * Queries of unit variance lie |q_i - q_j|^2 / sqrt(D) = 2 sqrt(D) apart, 16 for D = 64: each token would see itself alone, and the
 * gradient through all others would vanish. Times (4 D)^(-1/4) the distances start around 1.
 */
function atUnitDistance(params: LinearParams, headWidth: number): LinearParams {
  const factor = Math.fround((4 * headWidth) ** -0.25);
  // Made on the host, where spectral norms read fresh weights: not every engine can hand a result back at once.
  const weight = params.weight.dataSync().map((value) => value * factor);
  return { ...params, weight: tf.tensor2d(weight, params.weight.shape) };
}

/**
 * The linear maps of L2 attention: queries that are keys as well, and values, without bias; one of all heads together, with one. `parts` go
 * into `compose`; `split` and `join` take what it binds.
 */
export function tiedProjections(options: AttentionOptions, who: string) {
  const { channels, heads, linear = plainLinear } = options;
  const width = headWidthOf(options, who);
  const project = linear({ inputs: channels, outputs: heads * width, bias: false });
  const parts = {
    query: { ...project, init: (key: Key) => atUnitDistance(project.init(key), width) },
    value: project,
    output: linear({ inputs: heads * width, outputs: channels }),
  };
  type Part = Bound<typeof parts>;
  return {
    parts,
    /** Tokens [B, N, C] as q, which are keys as well, and v, [B, H, N, D] each. */
    split: (part: Part, x: tf.Tensor3D) => ({
      q: splitHeads(part.query(x), heads),
      v: splitHeads(part.value(x), heads),
    }),
    /** Heads [B, H, N, D] as tokens [B, N, C]. */
    join: (part: Part, y: tf.Tensor4D): tf.Tensor3D => part.output(mergeHeads(y)),
  };
}
