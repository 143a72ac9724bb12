export type { ConfigRules } from "./config-rules.js";
export { configRules } from "./config-rules.js";
export type { FamilyDescription } from "./define-family.js";
export { defineFamily } from "./define-family.js";
export { imageSettings } from "./image-settings.js";
export { largestBatch } from "./largest-batch.js";
export { nearNames, suggestion } from "./near-names.js";
export type { ResolveOptions } from "./resolve-config.js";
export { resolveConfig } from "./resolve-config.js";
export type { Fields, Place, RealRange, Setting, SettingsOf } from "./settings.js";
export {
  checkSettings,
  flag,
  kinds,
  list,
  nullable,
  oneOf,
  real,
  record,
  reference,
  scheduled,
  text,
  whole,
} from "./settings.js";
