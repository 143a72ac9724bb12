import { createRequire } from "node:module";

/** TensorFlow.js's reference backend, loaded when the first kernel needs it: hardly any program has one. */
export const loadHostBackend = (): typeof import("@tensorflow/tfjs-backend-cpu") =>
  createRequire(import.meta.url)("@tensorflow/tfjs-backend-cpu");
