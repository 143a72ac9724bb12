export { builtInPlugins } from "./built-in-plugins.js";
