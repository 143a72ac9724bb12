import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import type { Key, TermInputs } from "@ganymede/core";
import { fold, key, normal, uniform } from "@ganymede/core";
import { checkGradients, expectAllClose } from "@ganymede/core/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { scheduleResolver } from "../../optim/create-schedule.js";
import type { AdaStep } from "./ada.js";
import { adaptiveAugment } from "./ada.js";

beforeAll(() => tf.setBackend("cpu"));

/** Coarse noise: the filter is not quite symmetric, so what is turned around loses a little of what is finest. */
const smooth = (batch: number, side: number, channels: number) =>
  tf.image.resizeBilinear(normal<tf.Rank.R4>(key(1), [batch, 4, 4, channels]), [side, side], false, true);
const images = () => normal<tf.Rank.R4>(key(1), [6, 8, 10, 3]);

/** The pipeline, or some of its steps alone, at a strength. */
function augment(x: tf.Tensor4D, from: Key, strength: number, steps?: readonly AdaStep[]): tf.Tensor4D {
  const { chances: all } = adaptiveAugment.defaults;
  const names = Object.keys(all) as AdaStep[];
  const chances = Object.fromEntries(names.map((step) => [step, (steps ?? bgc).includes(step) ? 1 : 0]));
  const settings = { target: null, strength, chances: chances as typeof all };
  const model = { imageShape: x.shape.slice(1) };
  const inputs = { schedule: scheduleResolver(), model, where: "ada", imagesPerUpdate: 4 } as unknown as TermInputs;
  return adaptiveAugment(settings)
    .create(inputs)
    .apply(x, from, { progress: {}, memory: {} } as never);
}

const bgc = (Object.entries(adaptiveAugment.defaults.chances) as [AdaStep, number][]).flatMap(([step, chance]) =>
  chance > 0 ? [step] : [],
);
const noColours = { brightness: 0, contrast: 0, "luma-flip": 0, hue: 0, saturation: 0 };

const rows = (x: tf.Tensor4D) => tf.unstack(x) as tf.Tensor3D[];
const distance = (a: tf.Tensor, b: tf.Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

describe("adaptive augmentation", () => {
  test("changes nothing at strength 0", async () => {
    const untouched = augment(images(), key(3), 0);
    await expectAllClose(untouched, images(), { absolute: 5e-6 });
  });

  test("at strength 1 mirrors about half of the images", () => {
    const x = smooth(24, 24, 1);
    const moved = rows(augment(x, key(4), 1, ["mirror"]));
    const same = rows(x).map((image, i) => distance(image, moved[i]!) < 0.3);
    const flipped = rows(tf.reverse4d(x, 2)).map((image, i) => distance(image, moved[i]!) < 0.3);
    expect(same.map((is, i) => is !== flipped[i])).not.toContain(false);
    expect(new Set(same).size).toBe(2);
  });

  test("turns square images by quarters", () => {
    const x = smooth(16, 24, 1);
    const moved = rows(augment(x, key(4), 1, ["quarter-turns"]));
    const turn = (image: tf.Tensor3D) => tf.reverse3d(tf.transpose(image, [1, 0, 2]), 1);
    const counts = rows(x).map((image, i) => {
      let turned = image;
      for (let quarter = 0; quarter < 4; quarter++) {
        if (distance(turned, moved[i]!) < 0.3) return quarter;
        turned = turn(turned);
      }
      return -1;
    });
    expect(counts).not.toContain(-1);
    expect(new Set(counts).size).toBeGreaterThan(2);
  });

  test("brightness adds one number to an image, contrast scales it, greys keep their hue", () => {
    const x = images();
    const added = tf.sub(augment(x, key(5), 1, ["brightness"]), x);
    for (const image of rows(added as tf.Tensor4D)) expect(distance(image, tf.mean(image))).toBeLessThan(1e-5);
    const scaled = tf.div(augment(x, key(5), 1, ["contrast"]), x);
    for (const image of rows(scaled as tf.Tensor4D)) expect(distance(image, tf.mean(image))).toBeLessThan(1e-3);
    const grey = tf.tile(normal<tf.Rank.R4>(key(6), [6, 4, 4, 1]), [1, 1, 1, 3]) as tf.Tensor4D;
    expect(distance(augment(grey, key(7), 1, ["hue", "saturation"]), grey)).toBeLessThan(1e-5);
    const hue = augment(x, key(7), 1, ["hue"]);
    expect(distance(hue, x)).toBeGreaterThan(0.1);
    expect(distance(tf.sum(tf.square(hue), 3), tf.sum(tf.square(x), 3))).toBeLessThan(1e-4);
  });

  test("a luma flip keeps colours and turns greys around", () => {
    const grey = tf.ones<tf.Rank.R4>([24, 2, 2, 3]);
    const values = rows(augment(grey, key(8), 1, ["luma-flip"])).map((image) =>
      Math.round(tf.mean(image).dataSync()[0]!),
    );
    expect(new Set(values)).toEqual(new Set([1, -1]));
  });

  test("grey images stay grey and are warped and recoloured too", () => {
    const x = normal<tf.Rank.R4>(key(1), [4, 6, 6, 1]);
    const moved = augment(x, key(9), 1);
    expect(moved.shape).toEqual(x.shape);
    expect(distance(moved, x)).toBeGreaterThan(0.1);
  });

  test("chooses by the strength", () => {
    const x = normal<tf.Rank.R4>(key(1), [400, 2, 2, 3]);
    const changed = rows(tf.abs(tf.sub(augment(x, key(2), 0.3, ["brightness"]), x)) as tf.Tensor4D);
    const share = changed.filter((image) => tf.max(image).dataSync()[0]! > 1e-5).length / 400;
    expect(share).toBeGreaterThan(0.22);
    expect(share).toBeLessThan(0.38);
  });

  test("colours follow their matrices in float64", async () => {
    const x = images();
    const at = fold(key(7), "hue");
    const angles = Array.from(uniform(at, [6]).dataSync(), (u) => (2 * u - 1) * Math.PI);
    const turned = augment(x, key(7), 1, ["hue"]).arraySync();
    const pixels = x.arraySync();
    const axis = 1 / Math.sqrt(3);
    for (const [b, angle] of angles.entries()) {
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      const [r, g, blue] = pixels[b]![2]![3] as [number, number, number];
      // Rodrigues: v cos + (k x v) sin + k (k v) (1 - cos).
      const along = axis * axis * (r + g + blue) * (1 - cosine);
      const cross = [axis * (blue - g), axis * (r - blue), axis * (g - r)];
      [r, g, blue].forEach((value, c) => {
        expect(turned[b]![2]![3]![c]).toBeCloseTo(value * cosine + cross[c]! * sine + along, 4);
      });
    }
  });

  test("noise has one deviation per image, 0.1 on average times |N(0, 1)|", () => {
    const x = tf.zeros<tf.Rank.R4>([200, 8, 8, 3]);
    const noisy = augment(x, key(3), 1, ["noise"]);
    const found = Array.from(tf.sqrt(tf.mean(tf.square(noisy), [1, 2, 3])).dataSync());
    const given = Array.from(normal(fold(key(3), "noise/deviation"), [200]).dataSync(), (n) => Math.abs(n) * 0.1);
    found.forEach((deviation, i) => {
      expect(Math.abs(deviation - given[i]!)).toBeLessThan(0.25 * given[i]! + 1e-6);
    });
    const half = augment(x, key(3), 0.5, ["noise"]);
    const touched = Array.from(tf.max(tf.abs(half), [1, 2, 3]).dataSync()).filter((value) => value > 0).length;
    expect(Math.abs(touched / 200 - 0.5)).toBeLessThan(0.12);
  });

  test("cutout and filters reach the images that their chances choose", () => {
    const x = tf.ones<tf.Rank.R4>([200, 8, 8, 1]);
    const cut = augment(x, key(4), 0.5, ["cutout"]);
    const zeros = Array.from(tf.sum(tf.sub(1, cut), [1, 2, 3]).dataSync());
    expect(Math.max(...zeros)).toBe(16);
    expect(Math.abs(zeros.filter((count) => count > 0).length / 200 - 0.5)).toBeLessThan(0.12);
    const some = images();
    expect(distance(augment(some, key(5), 1, ["filter"]), some)).toBeGreaterThan(0.1);
    expect(distance(augment(some, key(5), 0, ["filter"]), some)).toBeLessThan(1e-5);
  });

  test("a schedule sets the strength where there is no controller, and other channels need no colours", () => {
    const strength = { id: "linear", from: 0, to: 1, steps: 4 };
    const chances = { ...adaptiveAugment.defaults.chances, ...noColours };
    const create = (given: object) =>
      adaptiveAugment({ target: null, strength, ...given } as never).create({
        schedule: scheduleResolver(),
        model: { imageShape: [4, 4, 2] },
        where: "ada",
        imagesPerUpdate: 4,
      } as unknown as TermInputs);
    const x = normal<tf.Rank.R4>(key(1), [3, 4, 4, 2]);
    const at = (step: number) =>
      create({ chances }).apply(x, key(2), { progress: { step: tf.scalar(step) }, memory: {} } as never);
    expect(distance(at(0), x)).toBeLessThan(1e-5);
    expect(distance(at(4), x)).toBeGreaterThan(0.1);
    expect(() => create({})).toThrow(/colours need images of 1 or 3 channels, but this model's have 2; set chances of/);
  });

  test("is differentiable twice", async () => {
    const small = normal<tf.Rank.R4>(fold(key(1), "small"), [1, 3, 3, 3]);
    const loss = ([x]: readonly tf.Tensor[]) => tf.tanh(augment(x as tf.Tensor4D, key(11), 1));
    await checkGradients(loss, [small], { who: "ada" });
  });
});
