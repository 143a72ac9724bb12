import "@tensorflow/tfjs-backend-cpu";
import "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { cases } from "./cases/all.js";
import { type Derivatives, evaluate } from "./evaluate.js";

/** Runs in a world where Float32Array is Float64Array (reference.ts): every case on TensorFlow.js's reference engine. */
export async function evaluateAll(): Promise<string> {
  await tf.setBackend("cpu");
  const found: Derivatives[] = [];
  for (const each of cases) found.push(await evaluate(each));
  return JSON.stringify(found);
}
