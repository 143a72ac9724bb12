export type { Config, PluginEntry } from "./config/define-config.js";
export { defineConfig } from "./config/define-config.js";
