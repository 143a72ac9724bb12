import * as tf from "@tensorflow/tfjs-core";
import { demand } from "./fail.js";

/**
 * Runs a function twice and asserts that the second run leaks no tensor, because the first may fill caches. The function must dispose
 * its own results.
 *
 * @throws GanymedeError `nonconforming` with the number of leaked tensors.
 */
export async function expectNoLeaks(run: () => void | Promise<void>, who = "expectNoLeaks"): Promise<void> {
  await run();
  const before = tf.memory().numTensors;
  await run();
  const left = tf.memory().numTensors - before;
  demand(left === 0, who, `it must not leak tensors, got ${left}; dispose them or create them inside tf.tidy`);
}
