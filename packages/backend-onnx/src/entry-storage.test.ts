import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, expect, it } from "vitest";
import { onnxBackend } from "./backend.js";
import type { Entry } from "./entry.js";
import { EntryStorage } from "./entry-storage.js";

const entry = (): Entry => ({ type: "float32", shape: [1], references: 1, pins: 0 });

beforeAll(() => onnxBackend().activate());

it("holds an entry from when it is adopted until it is deleted", () => {
  const storage = new EntryStorage(tf.backend());
  const held = entry();
  const id = storage.adopt(held);
  expect([storage.has(id), storage.get(id), storage.size]).toEqual([true, held, 1]);
  storage.delete(id);
  expect([storage.has(id), storage.size]).toEqual([false, 0]);
});

it("knows the identities of another storage as little as those of another backend", () => {
  const [storage, other] = [new EntryStorage(tf.backend()), new EntryStorage(tf.backend())];
  const id = other.adopt(entry());
  expect(storage.has(id)).toBe(false);
  storage.set(id, entry());
  expect([storage.has(id), storage.size, other.size]).toEqual([true, 1, 1]);
});

it("takes over tensors that another backend made, and gives them back", async () => {
  const x = tf.tidy(() => tf.tensor1d([1, 2, 3]));
  await tf.setBackend("cpu");
  const y = tf.add(x, tf.tensor1d([1, 1, 1]));
  await onnxBackend().activate();
  const before = tf.memory().numDataBuffers;
  expect(Array.from(tf.mul(x, y).dataSync())).toEqual([2, 6, 12]);
  expect(tf.memory().numDataBuffers).toBe(before + 1);
});
