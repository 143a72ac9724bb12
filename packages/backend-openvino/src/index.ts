export type { OpenvinoBackendOptions } from "./backend.js";
export { openvinoBackend } from "./backend.js";
export type { FoundLibrary } from "./find-library.js";
export { findLibrary } from "./find-library.js";
export { openvinoPlugin } from "./plugin.js";
