import type { HalfInput } from "@ganymede/attention";
import { dotProduct, reversible } from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { defineLayer, inference, key, normal, valueAndGrad } from "@ganymede/core";
import { linear } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { measure } from "./measure.js";
import type { DepthSettings } from "./settings.js";

const settings = JSON.parse(process.argv[2] as string) as DepthSettings;
const { form, depth, tokens, channels, heads } = settings;

const attention = dotProduct().create({ channels, heads });
const map = linear({ inputs: channels, outputs: channels });
const f = defineLayer({
  init: attention.init,
  apply: (params: ReturnType<typeof attention.init>, { x }: HalfInput) => attention.apply(params, x, inference),
});
const g = defineLayer({
  init: map.init,
  apply: (params: ReturnType<typeof map.init>, { x }: HalfInput) =>
    tf.tanh(map.apply(params, x, inference)) as tf.Tensor3D,
});
const layer = reversible(Array.from({ length: depth }, () => ({ f, g })));
type Params = ReturnType<typeof layer.init>;

/** The same blocks, whose activations are kept for the backward pass. */
function ordinary(params: Params, x: tf.Tensor3D): tf.Tensor {
  let [a, b] = tf.split(x, 2, 2) as [tf.Tensor3D, tf.Tensor3D];
  for (const each of params) {
    a = tf.add(a, f.apply(each.f, { x: b, shared: [] }, inference));
    b = tf.add(b, g.apply(each.g, { x: a, shared: [] }, inference));
  }
  return tf.concat([a, b], 2);
}

await measure(settings, () => {
  const tree = { params: layer.init(key(0)) as ParamTree, x: normal(key(1), [1, tokens, 2 * channels]) };
  const fn = (all: typeof tree): ParamTree =>
    valueAndGrad(({ params, x }: typeof tree) => {
      const y =
        form === "ordinary"
          ? ordinary(params as Params, x as tf.Tensor3D)
          : layer.apply(params as Params, { x: x as tf.Tensor3D }, inference);
      return { value: tf.sum(tf.square(y)) as tf.Scalar, extra: [] };
    }, all).grads;
  return { fn, tree };
});
