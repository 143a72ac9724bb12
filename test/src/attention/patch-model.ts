import type { Layer, ParamTree, SelfAttentionPart } from "@ganymede/core";
import { compile, defineLayer, fold, inference, key, normal, uniform, valueAndGrad } from "@ganymede/core";
import { linear, mlp, splitPatches } from "@ganymede/core/nn";
import { renderHere, scenesDataset } from "@ganymede/data";
import { adam, scheduleResolver } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";

/** Patches of 4 pixels on an 8 x 8 grid, tokens 64 wide. */
export const patchGrid = 8;
const [patch, width, batch, hiddenShare] = [4, 64, 16, 0.4];

/** A small network that fills in hidden patches of an image, by one layer of attention: a reason to look elsewhere. */
export function patchModel(variant: SelfAttentionPart) {
  const values = 3 * patch * patch;
  const attention = variant.create({ channels: width, heads: 4, grid: [patchGrid, patchGrid] }) as Layer<
    ParamTree,
    tf.Tensor3D,
    tf.Tensor3D
  >;
  const [embed, feed, output] = [
    linear({ inputs: values + 1, outputs: width }),
    mlp({ width, hidden: 2 * width }),
    linear({ inputs: width, outputs: values }),
  ];
  const layer = defineLayer({
    init: (from) => ({
      embed: embed.init(fold(from, "embed")),
      positions: normal<tf.Rank.R2>(fold(from, "positions"), [patchGrid ** 2, width], 0, 0.5),
      attention: attention.init(fold(from, "attention")),
      feed: feed.init(fold(from, "feed")),
      output: output.init(fold(from, "output")),
    }),
    apply(params, { patches, mask }: { readonly patches: tf.Tensor3D; readonly mask: tf.Tensor3D }): tf.Tensor3D {
      const seen = tf.concat([tf.mul(patches, tf.sub(1, mask)), mask], 2) as tf.Tensor3D;
      const tokens = tf.add(embed.apply(params.embed, seen, inference), params.positions) as tf.Tensor3D;
      const mixed = tf.add(tokens, attention.apply(params.attention, tokens, inference)) as tf.Tensor3D;
      return output.apply(
        params.output,
        tf.add(mixed, feed.apply(params.feed, mixed, inference)) as tf.Tensor3D,
        inference,
      );
    },
  });
  return { layer, embed, attention };
}

/** Images [count, 32, 32, 3] in [-1, 1] of rendered scenes. */
export async function sceneImages(first: number, count: number): Promise<tf.Tensor4D> {
  const dataset = scenesDataset({ size: 32, seed: 1 }, {}, renderHere);
  const bytes = await dataset.read(Array.from({ length: count }, (_, i) => first + i));
  return tf.sub(tf.div(tf.tensor4d(Float32Array.from(bytes), [count, 32, 32, 3]), 127.5), 1);
}

export function toPatches(images: tf.Tensor4D): tf.Tensor3D {
  return tf.reshape(splitPatches(images, patch), [images.shape[0], patchGrid ** 2, 3 * patch * patch]);
}

/** Trains for some steps and gives the parameters with the last loss. */
export async function trainPatchModel(variant: SelfAttentionPart, steps: number) {
  const { layer } = patchModel(variant);
  const optimizer = adam({ learningRate: 0.003, beta1: 0.9, beta2: 0.99 }).create({ schedule: scheduleResolver() });
  const step = compile((params: ParamTree, state: ParamTree, images: tf.Tensor4D, drawn: ReturnType<typeof key>) => {
    const patches = toPatches(images);
    const mask = tf.cast(tf.less(uniform(drawn, [batch, patchGrid ** 2, 1]), hiddenShare), "float32") as tf.Tensor3D;
    const { value, grads } = valueAndGrad((tree: ParamTree) => {
      const filled = layer.apply(tree as never, { patches, mask }, inference);
      return { value: tf.mean(tf.square(tf.sub(filled, patches))) as tf.Scalar, extra: {} };
    }, params);
    const next = optimizer.update(grads, state as never, params, { step: tf.scalar(0), images: tf.scalar(0) });
    return { params: next.params, state: next.state as ParamTree, value };
  });
  const images = await sceneImages(0, 16 * batch);
  let params: ParamTree = layer.init(key(1));
  let state: ParamTree = optimizer.init(params);
  let loss = Number.NaN;
  for (let i = 0; i < steps; i++) {
    const part = tf.slice4d(images, [(i % 16) * batch, 0, 0, 0], [batch, 32, 32, 3]);
    const result = (await step(params, state, part, fold(key(2), i))) as {
      params: ParamTree;
      state: ParamTree;
      value: tf.Tensor;
    };
    tf.dispose([params, state, part] as never);
    [params, state] = [result.params, result.state];
    loss = (await result.value.data())[0] as number;
    result.value.dispose();
  }
  images.dispose();
  tf.dispose(state as never);
  return { params: params as ReturnType<typeof layer.init>, loss };
}
