export type { Config, PluginEntry, ProjectPreset, TrainingSettings } from "./config/define-config.js";
export { defineConfig } from "./config/define-config.js";
