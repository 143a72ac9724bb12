export type { NamedArray, NetworkWeights, ReferenceWeights, WeightLayout, WeightRule } from "../contracts/weights.js";
export type { NameDifference, NetworkArrays, NetworkShapes } from "./convert-weights.js";
export { checkNames, checkShapes, compareNames, readWeights, writeWeights } from "./convert-weights.js";
export {
  asIs,
  chwToHwc,
  flattenedChwToHwc,
  joined,
  oihwToHwio,
  partOf,
  permute,
  pixelMatrix,
  plus,
  reshaped,
  sequence,
  times,
  transposed,
  transposeLinear,
} from "./layouts.js";
export type { WeightsNeed } from "./rules.js";
export {
  layerRules,
  leafRule,
  listRules,
  networkWeights,
  normRules,
  rulesAt,
  vectorRule,
  weightsNeed,
} from "./rules.js";
