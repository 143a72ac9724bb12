export type { NamedArray, NetworkWeights, ReferenceWeights, WeightLayout, WeightRule } from "../contracts/weights.js";
export type { NameDifference, NetworkArrays, NetworkShapes } from "./convert-weights.js";
export { checkNames, checkShapes, compareNames, readWeights, writeWeights } from "./convert-weights.js";
export {
  asIs,
  flattenedPicture,
  inTurn,
  joined,
  kernel,
  matrix,
  partOf,
  permute,
  picture,
  pixelMatrix,
  plus,
  reshaped,
  times,
  transposed,
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
