import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeSafetensors } from "@ganymede/core/checkpoint";
import { brightness, cutout } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBackend } from "../backends.js";
import { readGoldenFile } from "../golden-file.js";
import { runGoldenFile } from "../run-file.js";

const folder = mkdtempSync(join(tmpdir(), "diffaugment-"));

beforeAll(() => startBackend("cpu"));
afterAll(() => rmSync(folder, { recursive: true }));

const shape = [2, 3, 4, 4];
const x = Float32Array.from({ length: 96 }, (_, index) => Math.sin(index * index));

/** Stored images `[B, C, H, W]` of an operation over `[B, H, W, C]`. */
const after = (operation: (images: tf.Tensor4D) => tf.Tensor4D): Float32Array =>
  tf.tidy(
    () =>
      tf
        .transpose(operation(tf.transpose(tf.tensor4d(x, [2, 3, 4, 4]), [0, 2, 3, 1])), [0, 3, 1, 2])
        .dataSync<"float32">() as Float32Array,
  );

const draws = { r: [0.2, 0.9], rows: [0, 3], columns: [2, 1] };
const cut = (images: tf.Tensor4D) => cutout(images, tf.tensor1d([0, 3]), tf.tensor1d([2, 1]), 0.5);

async function run(policy: string, outputs: Readonly<Record<string, Float32Array>>) {
  const f32 = (name: string, data: ArrayLike<number>, dims: number[] = [2]) => ({
    ...{ name, dtype: "F32" as const, data: Float32Array.from(data), shape: dims },
  });
  const drawn = ["", "policy."].flatMap((prefix) => [
    ...["brightness", "saturation", "contrast"].map((name) => f32(`${prefix}${name}.r`, draws.r)),
    f32(`${prefix}cutout.offset_rows`, draws.rows),
    f32(`${prefix}cutout.offset_cols`, draws.columns),
  ]);
  const path = join(folder, "file.safetensors");
  const made = Object.entries(outputs).map(([name, data]) => f32(name, data, shape));
  const metadata = {
    ...{ module: "diffaugment", config: JSON.stringify({ policy, cutout_ratio: 0.5 }), inputs: '["x"]' },
    ...{ outputs: JSON.stringify(Object.keys(outputs)), gradients: "[]", ignore: "[]" },
    ...{ rtol_forward: "1e-5", rtol_grad: "1e-4" },
  };
  writeFileSync(path, encodeSafetensors([f32("x", x, shape), ...drawn, ...made], metadata));
  const { status, detail } = await runGoldenFile(readGoldenFile(path));
  return detail ?? status;
}

test("a file may list operations that its policy does not have, and any order of them", async () => {
  const r = tf.tensor1d(draws.r);
  const only = (images: tf.Tensor4D) => brightness(images, r);
  expect(await run("cutout", { "brightness.out": after(only), "policy.out": after(cut) })).toBe("ok");
  const order = (images: tf.Tensor4D) => brightness(cut(images), r);
  expect(await run("cutout,brightness", { "policy.out": after(order) })).toBe("ok");
  // The same operations the other way round are not the same images: the cut box is no longer zero.
  expect(await run("brightness,cutout", { "policy.out": after(order) })).not.toBe("ok");
});

test("a step that no policy has is named", async () => {
  expect(await run("colour", { "policy.out": x })).toMatch(/a policy is made of color and brightness.*got "colour"/);
});
