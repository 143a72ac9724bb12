import type { Backend } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";

/** TensorFlow.js's reference backend in plain JavaScript: always available, exact, very slow. */
export const cpu: Backend = {
  id: "cpu",
  device: "CPU, plain JavaScript",
  priority: 10,
  compiled: false,
  unavailable: async () => null,
  async activate() {
    await import("@tensorflow/tfjs-backend-cpu");
    await tf.setBackend("cpu");
    await tf.ready();
    // Without this flag its first use prints an advertisement for another package.
    const before = tf.env().getBool("PROD");
    tf.env().set("PROD", true);
    tf.scalar(0).dispose();
    tf.env().set("PROD", before);
  },
};
