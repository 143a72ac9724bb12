import * as host from "@tensorflow/tfjs-backend-cpu";

/** TensorFlow.js's reference backend, which a browser cannot load in the middle of a kernel. */
export const loadHostBackend = (): typeof host => host;
