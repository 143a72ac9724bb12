export type { Graph } from "./model/encode-model.js";
export type { NativeEngineOptions } from "./native/engine.js";
export { startEngine } from "./native/engine.js";
export type { NativeHostBuffer } from "./native/host-buffers.js";
export { optimizeWhole } from "./optimize/optimize.js";
export { registerBackend } from "./register-backend.js";
export type { BlockingEngine, Buffer, CompiledEngine, HostBuffer, Session } from "./runtime/engine.js";
