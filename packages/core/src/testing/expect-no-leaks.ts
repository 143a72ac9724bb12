import * as tf from "@tensorflow/tfjs-core";
import { demand } from "./fail.js";

/**
 * Runs a function twice and demands that the second run leaves as many tensors as it found: caches may fill in the first. What the
 * function returns is its own to free.
 *
 * @throws GanymedeError `nonconforming` with the number of tensors left.
 */
export async function expectNoLeaks(run: () => void | Promise<void>, who = "expectNoLeaks"): Promise<void> {
  await run();
  const before = tf.memory().numTensors;
  await run();
  const left = tf.memory().numTensors - before;
  demand(left === 0, who, `no tensors may be left behind, got ${left}; free them, or make them inside tf.tidy`);
}
