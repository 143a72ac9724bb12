export { wasmBackend } from "./backend.js";
export { wasmPlugin } from "./plugin.js";
