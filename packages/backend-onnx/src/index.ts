export type { OnnxBackendOptions } from "./backend.js";
export { onnxBackend } from "./backend.js";
export { onnxPlugin } from "./plugin.js";
export type { OperatorTime, RunProfile } from "./profile.js";
export { summarizeProfile } from "./profile.js";
