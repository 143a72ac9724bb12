export { builtInPlugins } from "./built-in-plugins.js";
export { createModel } from "./config/run-config.js";
export { parseMetrics } from "./run/metrics-log.js";
export { parseRunConfig } from "./run/run-folder.js";
