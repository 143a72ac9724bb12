export type { TensorflowBackendOptions } from "./backend.js";
export { tensorflowBackend } from "./backend.js";
export { tensorflowPlugin } from "./plugin.js";
