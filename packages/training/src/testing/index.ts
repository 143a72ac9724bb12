export type { ModelFamilyCheck } from "./check-model-family.js";
export { checkModelFamily } from "./check-model-family.js";
