export type { ConfigRules } from "./config-rules.js";
export { configRules } from "./config-rules.js";
export { nearNames, suggestion } from "./near-names.js";
export { resolveConfig } from "./resolve-config.js";
export type { Fields, Place, RealRange, Setting, SettingsOf } from "./settings.js";
export { checkSettings, flag, kinds, list, nullable, oneOf, real, record, text, whole } from "./settings.js";
