import { attention } from "@ganymede/attention";
import type { ParamTree } from "@ganymede/core";
import { countParameters, differentiate, inference, key, normal, valueAndGrad } from "@ganymede/core";
import { observingAttention } from "@ganymede/core/nn";
import { expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import {
  createAttentionUnet,
  createConvolutionalUnet,
  createGenerator,
  createSetDiscriminator,
  skinnyFamily,
} from "./index.js";
import { convolutional, setQueries, tinyConfig } from "./tiny-config.fixture.js";

const family = skinnyFamily;
const preset = (id: string) => family.presets.find((entry) => entry.id === id)!.model;
const images = normal<tf.Rank.R4>(key(9), [3, 8, 8, 3]);
const generatorOf = (generator: object) => createGenerator(family.configure(tinyConfig, { generator }));

beforeAll(() => tf.setBackend("cpu"));

describe("parameter counts", () => {
  test.each([
    ["skinny-32", 13_751_619],
    ["skinny-64", 18_286_019],
  ])("%s's generator has %i", (id, count) => {
    expect(countParameters(family.create(preset(id)).generator.init(key(1)))).toBe(count);
  });

  // The counts of the source include a linear map of the last map's channels that nothing reads: 64 + 1.
  test.each([
    [128, [64, 128, 256, 512, 1024], 31_481_667],
    [256, [64, 128, 256, 512, 512, 1024], 44_067_651],
  ])("the convolutional U-Net at %i pixels has the source's less what nothing reads", (side, channels, count) => {
    const { discriminator } = createConvolutionalUnet([side, side, 3], { ...convolutional, channels });
    expect(countParameters(discriminator.init(key(1)) as ParamTree)).toBe(count - 65);
  });
});

describe("a generator", () => {
  const z = normal<tf.Rank.R2>(key(2), [2, 8]);

  test("draws from styles what it draws from latents, layer by layer too", async () => {
    const model = generatorOf({});
    const params = model.init(key(1));
    const drawn = model.apply(params, z, inference);
    const w = model.styles.mapping(params, z, inference);
    await expectAllClose(model.styles.synthesis(params, w, inference), drawn);
    const layers = model.styles.layers!.mapping(params, z, inference);
    expect(layers.shape).toEqual([2, 6, 8]);
    await expectAllClose(model.styles.layers!.synthesis(params, layers, inference), drawn);
  });

  test("shows observers maps for pixels, and none for latents, which mixers of a map work on", () => {
    const model = generatorOf({ coarse: { mixing: "dot-product" } });
    const grids = new Map<string, readonly number[] | undefined>();
    const context = observingAttention(inference, ({ queryGrid, keyGrid }, path) => {
      expect(keyGrid ?? queryGrid).toEqual(queryGrid);
      grids.set(`${path[0]}`, queryGrid);
    });
    model.apply(model.init(key(1)), z, context);
    expect(Object.fromEntries(grids)).toEqual({ stack: undefined, reader: [4, 4], coarse: [4, 4], fine: [8, 8] });
  });

  test("lets each layer have its own style", () => {
    const model = generatorOf({});
    const params = model.init(key(1));
    const layers = model.styles.layers!.mapping(params, z, inference);
    const moved = Array.from({ length: 6 }, (_, layer) => {
      const place = tf.reshape(tf.oneHot(tf.scalar(layer, "int32"), 6), [1, 6, 1]);
      return String(
        model.styles.layers!.synthesis(params, tf.add(layers, tf.cast(place, "float32")), inference).dataSync(),
      );
    });
    expect(new Set([...moved, String(model.apply(params, z, inference).dataSync())]).size).toBe(7);
  });

  test("starts with pixels of a shuffle alike", async () => {
    const params = generatorOf({}).init(key(1));
    const [inputs, outputs] = params.spread.weight.shape;
    const apart = tf.reshape(params.spread.weight, [inputs, outputs / 4, 4]);
    await expectAllClose(apart, tf.broadcastTo(tf.slice(apart, [0, 0, 0], [inputs, outputs / 4, 1]), apart.shape));
    expect(tf.moments(apart).variance.dataSync()[0]!).toBeGreaterThan(0.3);
  });

  test("gives each token its own noise where it is asked to", () => {
    const model = generatorOf({ noiseWidth: 2 });
    expect(model.latentSize).toBe(8 + 4 * 2);
    const params = model.init(key(1));
    const one = normal<tf.Rank.R2>(key(3), [1, 16]);
    const other = tf.add(one, tf.oneHot(tf.tensor1d([15], "int32"), 16)) as tf.Tensor2D;
    expect(String(model.apply(params, other, inference).dataSync())).not.toBe(
      String(model.apply(params, one, inference).dataSync()),
    );
  });

  test.each(["convolution", "augmented-conv", "local", "axial", "grid", "efficient", "performer", "cosine"])(
    "mixes coarse pixels by %s",
    (mixing) => {
      const model = generatorOf({ coarse: { mixing, width: 16 } });
      expect(model.apply(model.init(key(1)), z, inference).shape).toEqual([2, 8, 8, 3]);
    },
  );

  test("has windows of its own settings where the attentions of the package come from outside too", () => {
    const config = family.configure(tinyConfig, { generator: { coarse: { mixing: "grid" } } });
    const model = createGenerator(config, attention());
    expect(model.apply(model.init(key(1)), z, inference).shape).toEqual([2, 8, 8, 3]);
  });

  test("mixes all pixels of a larger image by lsh", () => {
    const fine = { mixing: "lsh" };
    const model = createGenerator(family.configure(tinyConfig, { imageSize: 16, generator: { fine } }));
    expect(model.apply(model.init(key(1)), z, inference).shape).toEqual([2, 16, 16, 3]);
  });

  test("with reversible blocks has the gradients of the two streams computed plainly", async () => {
    const options = { heads: 2, mixing: "dot-product" };
    const model = generatorOf({ stack: { ...options, reversible: true, count: 3 } });
    const plain = generatorOf({ stack: { ...options, reversible: false, count: 3 } });
    const params = model.init(key(1));
    // The parameters are the same ones, whatever the way back.
    expect(countParameters(plain.init(key(1)))).toBe(countParameters(params));
    const loss = (tree: typeof params) => ({
      value: tf.mean(tf.square(model.apply(tree, z, inference))) as tf.Scalar,
      extra: {},
    });
    const { grads } = valueAndGrad(loss, params);
    const step = 1e-2;
    const at = (t: number) => {
      const weight = params.reader.position.weight;
      const moved = {
        ...params.reader,
        position: { ...params.reader.position, weight: tf.add(weight, t) as tf.Tensor2D },
      };
      return loss({ ...params, reader: moved }).value.dataSync()[0]!;
    };
    const slope = (at(step) - at(-step)) / (2 * step);
    await expectAllClose([tf.sum(grads.reader.position.weight).dataSync()[0]!], [slope], {
      relative: 0.02,
      absolute: 1e-4,
    });
  });
});

describe("logits of pixels", () => {
  test.each([
    ["attention U-Net", () => createAttentionUnet([8, 8, 3], tinyConfig.discriminator as never, {})],
    ["set of queries", () => createSetDiscriminator([8, 8, 3], setQueries, {})],
    ["convolutional U-Net", () => createConvolutionalUnet([8, 8, 3], convolutional)],
  ])("come from the %s beside the image's own", async (_, create) => {
    const model = create() as ReturnType<typeof createSetDiscriminator>;
    const params = model.discriminator.init(key(4));
    const { image, pixels } = model.pixelLogits.apply(params, images, inference);
    expect(pixels.shape).toEqual([3, 8, 8, 1]);
    await expectAllClose(model.discriminator.apply(params, images, inference), image);
  });

  test("the attention of queries is what observers see in the last decoder layer", async () => {
    const { discriminator, queries } = createSetDiscriminator([8, 8, 3], { ...setQueries, decoderDepth: 2 }, {});
    const params = discriminator.init(key(4));
    const seen = new Map<string, tf.Tensor4D | undefined>();
    const context = observingAttention(inference, ({ weights }, path) => seen.set(path.join("."), weights));
    const maps = queries.apply(params, images, context);
    expect(maps.shape).toEqual([3, 3, 16]);
    await expectAllClose(maps, tf.mean(seen.get("decoder.1.cross")!, 1));
    expect(String(tf.mean(seen.get("decoder.0.cross")!, 1).dataSync())).not.toBe(String(maps.dataSync()));
  });

  test("a pixel's logit of queries lies between theirs", () => {
    const { discriminator, pixelLogits: pixels } = createSetDiscriminator(
      [8, 8, 3],
      { ...setQueries, queries: 1, pool: "mean" },
      {},
    );
    const params = discriminator.init(key(4));
    const judged = pixels.apply(params, images, inference);
    const spread = tf.sub(judged.pixels, tf.reshape(judged.image, [3, 1, 1, 1]));
    expect(tf.max(tf.abs(spread)).dataSync()[0]!).toBeLessThan(1e-4);
  });

  test("a pixel's logit of the convolutional U-Net looks at pixels nearby most", () => {
    const { discriminator, pixelLogits } = createConvolutionalUnet([8, 8, 3], {
      ...convolutional,
      channels: [4],
    });
    const pixels = pixelLogits!;
    const params = discriminator.init(key(4));
    const corner = (x: tf.Tensor4D) =>
      tf.slice4d(pixels.apply(params as never, x, inference).pixels, [0, 0, 0, 0], [1, 1, 1, 1]);
    const { gradient } = differentiate(corner, tf.slice4d(images, [0, 0, 0, 0], [1, 8, 8, 3]));
    const far = tf.slice4d(gradient, [0, 7, 7, 0], [1, 1, 1, 3]);
    expect(tf.max(tf.abs(gradient)).dataSync()[0]!).toBeGreaterThan(0);
    expect(tf.max(tf.abs(far)).dataSync()[0]!).toBe(0);
  });
});

test.each([
  [{ generator: { tokens: 5 } }, /must be a square/],
  [{ generator: { coarse: { side: 3 } } }, /must divide imageSize/],
  [{ generator: { styleInput: "token", styleMixing: 0.5 } }, /share one w/],
  [{ discriminator: { headWidth: 3 } }, /must divide discriminator.width/],
  [{ discriminator: { merges: 3 } }, /must divide imageSize/],
])("refuses %j", (overrides, message) => {
  expect(() => family.configure(tinyConfig, overrides)).toThrow(message);
});

test("refuses an unknown attention by name", () => {
  expect(() => generatorOf({ fine: { mixing: "nothing" } })).toThrow(
    /generator.fine.mixing: there is no attention over tokens or maps called "nothing"; known: .*dot-product/,
  );
});
