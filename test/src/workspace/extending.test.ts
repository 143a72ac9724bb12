import "@tensorflow/tfjs-backend-cpu";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { attention } from "@ganymede/attention";
import { onnxBackend } from "@ganymede/backend-onnx";
import {
  type AttentionPart,
  compile,
  createRegistry,
  type DiscriminatorTerm,
  fillTree,
  inference,
  key,
  type Layer,
  leaves,
  type ModelFamily,
  normal,
  type ParamTree,
  type Plugin,
  type TermInputs,
} from "@ganymede/core";
import { checkAttention, checkGradients, expectAllClose } from "@ganymede/core/testing";
import { vitgan } from "@ganymede/models-vitgan";
import { createModel, resolveModel, scheduleResolver, trainingPlugin } from "@ganymede/training";
import { checkModelFamily } from "@ganymede/training/testing";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "./packages.js";

const pages = join(root, "docs", "extending");
// Beside the sources, where the names of packages lead to them.
const folder = join(root, "test", ".cache", `extending-${process.pid}`);

const blocksOf = (page: string): readonly string[] =>
  [...readFileSync(join(pages, page), "utf8").matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code!);

/** What a block exports; a first line with a path says where it stands, and so what its relative imports mean. */
async function load<Exports>(code: string, name: string): Promise<Exports> {
  const [, place] = /^\/\/ (\S+\.ts)\n/.exec(code) ?? [];
  const from = place === undefined ? folder : dirname(join(root, place));
  const absolute = code.replace(
    /from "(\.[^"]+)\.js"/g,
    (_, path) => `from ${JSON.stringify(resolve(from, `${path}.ts`))}`,
  );
  const file = join(folder, `${name}.ts`);
  writeFileSync(file, absolute);
  return (await import(/* @vite-ignore */ pathToFileURL(file).href)) as Exports;
}

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  await tf.setBackend("cpu");
});
afterAll(() => rmSync(folder, { recursive: true }));

it("every page has a worked example that a test below runs", () => {
  expect(readdirSync(pages).sort()).toEqual([
    "add-a-family.md",
    "add-a-kernel.md",
    "add-a-term.md",
    "add-an-attention-variant.md",
  ]);
});

describe("add-a-term.md", () => {
  it("penalises real logits, in a preset, with a weight that may be a schedule", async () => {
    const [code = ""] = blocksOf("add-a-term.md");
    const { default: plugin } = await load<{ default: Plugin }>(code, "term");
    const registry = createRegistry([trainingPlugin(), attention(), vitgan(), plugin]);
    const term = registry.get("discriminatorTerms", "quiet");
    const schedule = scheduleResolver();
    const inputs = { schedule, where: "training: quiet" } as unknown as TermInputs;
    const { apply } = term.create({ weight: 0.1 } as never, inputs) as DiscriminatorTerm;
    const pass = {
      logits: () => ({ real: tf.tensor1d([1, 3]) }),
      progress: { step: tf.scalar(0), images: tf.scalar(0) },
    };
    const { value } = apply(pass as never, {});
    await expectAllClose(value, [0.5], {}, "0.1 * (1 + 9) / 2");
    expect(() => term.create({ weight: -1 } as never, inputs)).toThrow(/^training: quiet: weight must be/);
    const weight = ["training", "discriminatorTerms", "quiet", "weight"];
    const choice = resolveModel(registry, "vitgan-tiny", [{ path: weight, value: 0.1 }]);
    expect(choice.training.discriminatorTerms).toContainEqual({ id: "quiet", weight: 0.1 });
  });
});

describe("add-an-attention-variant.md", () => {
  it("passes the kit, and a family takes it by its name with its settings", async () => {
    const [code = ""] = blocksOf("add-an-attention-variant.md");
    const loaded = await load<{ default: Plugin; softplus: () => AttentionPart }>(code, "attention");
    await checkAttention(loaded.softplus());
    const layer = loaded.softplus().create({ channels: 1, heads: 1 }) as Layer<ParamTree, tf.Tensor, tf.Tensor>;
    const params = layer.init(key(1));
    const values = leaves(params).map(({ path, value }) => tf.fill(value.shape, path.endsWith("bias") ? 0 : 1));
    const x = tf.tensor3d([2, 3], [1, 2, 1]);
    const y = layer.apply(fillTree(params, values), x, inference);
    const softplus = (value: number) => Math.log1p(Math.exp(value));
    const row = (q: number) => (softplus(q * 2) * 2 + softplus(q * 3) * 3) / 2;
    await expectAllClose(y, [row(2), row(3)], {}, "the formula");
    const registry = createRegistry([trainingPlugin(), attention(), vitgan(), loaded.default]);
    const name = { path: ["generator", "attention"], value: { id: "softplus", scale: 2 } };
    const choice = resolveModel(registry, "vitgan-tiny", [name]);
    const { generator } = createModel(registry, choice);
    expect(JSON.stringify(Object.keys(generator.init(key(1))))).not.toBe("[]");
    const wrong = resolveModel(registry, "vitgan-tiny", [{ ...name, value: { id: "softplus", scale: 0 } }]);
    expect(() => createModel(registry, wrong)).toThrow(/scale must be .* above 0, got 0/);
  });
});

describe("add-a-family.md", () => {
  it("passes the kit, and its preset is one of the registry's", async () => {
    const [code = ""] = blocksOf("add-a-family.md");
    type Config = { readonly imageSize: number };
    const loaded = await load<{ default: Plugin; patchesFamily: ModelFamily<Config> }>(code, "family");
    const { patchesFamily: family } = loaded;
    const [preset] = family.presets;
    const tiny = family.configure(preset!.model, { imageSize: 8, width: 16, depth: 1, heads: 2 });
    await checkModelFamily(family, { config: tiny, attentions: attention().attentions ?? [] });
    const registry = createRegistry([trainingPlugin(), attention(), loaded.default]);
    const path = ["patchSize"];
    expect(resolveModel(registry, "patches-tiny", [{ path, value: 8 }]).model).toMatchObject({ patchSize: 8 });
    expect(() => family.create({ ...tiny, patchSize: 3 } as Config)).toThrow(
      "patches: patchSize must divide imageSize",
    );
  });
});

describe("add-a-kernel.md", () => {
  it("computes the same on both engines, alone and compiled, with first and second derivatives", async () => {
    const [operation = "", gradient = "", lowering = ""] = blocksOf("add-a-kernel.md");
    const { mish } = await load<{ mish: <T extends tf.Tensor>(x: T) => T }>(operation, "operation");
    const { registerMish } = await load<{ registerMish: () => void }>(gradient, "gradient");
    const table = (await import(join(root, "packages/backend-onnx/src/lowering/table.ts"))) as { lowerings: object };
    Object.assign(table.lowerings, (await load<{ mish: object }>(lowering, "lowering")).mish);
    registerMish();
    const draw = () => normal(key(1), [3, 5], 0, 2);
    const expected = await mish(draw()).data();
    await onnxBackend().activate();
    expect(tf.getKernel("Mish", tf.getBackend())).toBeDefined();
    await expectAllClose(mish(draw()), expected, { relative: 1e-5, absolute: 1e-6 }, "alone");
    const compiled = compile((x: tf.Tensor) => ({ y: mish(x) }));
    await expectAllClose((await compiled(draw())).y, expected, { relative: 1e-5, absolute: 1e-6 }, "compiled");
    await checkGradients(([x]) => mish(x!), [draw()]);
    await tf.setBackend("cpu");
  });
});
