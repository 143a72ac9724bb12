export type { OnnxBackendOptions } from "./backend.js";
export { onnxBackend } from "./backend.js";
export type { ExportOptions } from "./export-model.js";
export { exportModel } from "./export-model.js";
export type { GraphCost } from "./graph-cost.js";
export { graphCost } from "./graph-cost.js";
export { onnxPlugin } from "./plugin.js";
