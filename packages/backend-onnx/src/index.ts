export type { OnnxBackendOptions } from "./backend.js";
export { onnxBackend } from "./backend.js";
export { onnxPlugin } from "./plugin.js";
