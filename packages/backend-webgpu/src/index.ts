export { webgpuBackend } from "./backend.js";
export { webgpuPlugin } from "./plugin.js";
