import { inference } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type {
  AdversarialModel,
  Context,
  DiscriminatorTerm,
  GeneratorTerm,
  NetworkParams,
  ParamTree,
  TermInputs,
} from "@ganymede/core";
import { createRegistry, defineComponent, definePlugin, key, leaves, normal } from "@ganymede/core";
import { beforeAll, expect, test } from "vitest";
import { linearGame, linearGameTraining } from "../fixtures/linear-game.js";
import { trainingPlugin } from "../plugin.js";
import type { TrainState } from "./train-state.js";
import { createTrainStep } from "./train-step.js";

beforeAll(() => tf.setBackend("cpu"));

declare module "@ganymede/core" {
  interface Capabilities<Networks extends NetworkParams> {
    readonly imagesAndDepth?: {
      apply(params: Networks["generator"], z: tf.Tensor2D, context: Context): { images: tf.Tensor4D; depth: tf.Tensor };
    };
  }
}

const real = () => normal<tf.Rank.R4>(key(1), [4, 2, 2, 3]);
const value = (tensor: tf.Tensor) => tensor.dataSync()[0]!;

/** The linear game with three logits per image: the one logit and its doubles. */
const several: AdversarialModel = {
  ...(linearGame as unknown as AdversarialModel),
  discriminator: {
    init: linearGame.discriminator.init,
    apply: (params, images) => {
      const logit = tf.expandDims(linearGame.discriminator.apply(params as never, images, inference), 1);
      return tf.mul(logit, tf.tensor2d([[1, 2, 3]])) as tf.Tensor2D;
    },
  },
};

test("losses and gradients take all logits of an image: means of the one, sums of the other", () => {
  const config = { ...linearGameTraining, loss: "wasserstein", discriminatorTerms: [{ id: "r1", gamma: 2 }, "le-cam"] };
  const [one, three] = [linearGame as unknown as AdversarialModel, several].map((model) => {
    const train = createTrainStep<ParamTree, ParamTree>(model, config);
    return train.step(train.init(key(2)), real(), key(3), "/").report;
  });
  expect(value(three!["logits/real"]!)).toBeCloseTo(2 * value(one!["logits/real"]!), 5);
  expect(value(three!["loss/r1"]!)).toBeCloseTo(36 * value(one!["loss/r1"]!), 3);
  const adversarial = (report: typeof one) => value(report!["loss/d"]!) - value(report!["loss/r1"]!);
  expect(adversarial(three)).toBeCloseTo(2 * adversarial(one), 4);
});

test("a generator's term reads its further outputs, from the pass that made the fakes of the loss", () => {
  const shallow = defineComponent({
    id: "shallow",
    source: "none",
    defaults: {},
    create: (_settings, _: TermInputs): GeneratorTerm => ({
      every: 1,
      needs: ["imagesAndDepth"],
      outputs: "imagesAndDepth",
      apply: ({ outputs, fake }) => {
        const { images, depth } = outputs("imagesAndDepth");
        expect(images).toBe(fake.images);
        return { value: tf.mean(tf.square(depth)) };
      },
    }),
  });
  const registry = createRegistry([
    trainingPlugin(),
    definePlugin({ apiVersion: 1, name: "mine", generatorTerms: [shallow] }),
  ]);
  const apply = (params: ParamTree, z: tf.Tensor2D) => {
    const images = linearGame.generator.apply(params as never, z, inference);
    return { images, depth: tf.mean(images, 3) };
  };
  const model = { ...(linearGame as unknown as AdversarialModel), imagesAndDepth: { apply } };
  const config = { ...linearGameTraining, generatorTerms: ["shallow"] };
  const train = createTrainStep<ParamTree, ParamTree>(model, config, registry);
  const { report } = train.step(train.init(key(2)), real(), key(3), "/");
  expect(value(report["loss/g/shallow"]!)).toBeGreaterThan(0);
  expect(() => createTrainStep(linearGame, config, registry)).toThrow(
    /"shallow" of generatorTerms needs a model with the capability "imagesAndDepth", but this one has no capabilities/,
  );
});

test("what is not linear in its parts advances once per update, and a term that is not due keeps its memory", () => {
  const counted = defineComponent({
    id: "counted",
    source: "none",
    defaults: {},
    create: (_settings, _: TermInputs): DiscriminatorTerm<{ count: tf.Scalar }> => ({
      every: 2,
      needs: [],
      init: () => ({ count: tf.scalar(0) }),
      apply: ({ logits }, { count }) => ({ value: tf.mean(logits().real), memory: { count } }),
      finish: ({ count }) => ({ count: tf.add(tf.mul(count, 2), 1) as tf.Scalar }),
    }),
  });
  const registry = createRegistry([
    trainingPlugin(),
    definePlugin({ apiVersion: 1, name: "mine", discriminatorTerms: [counted] }),
  ]);
  const config = { ...linearGameTraining, accumulation: 3, discriminatorTerms: ["counted"] };
  const train = createTrainStep(linearGame, config, registry);
  let state = train.init(key(2)) as TrainState;
  const counts: number[] = [];
  for (let i = 0; i < 4; i++) {
    state = train.step(state as never, normal<tf.Rank.R4>(key(1), [12, 2, 2, 3]), key(3), train.phase(i))
      .state as never;
    counts.push(value(leaves(state.discriminatorTerms)[0]!.value));
  }
  expect(counts).toEqual([1, 1, 3, 3]);
});
