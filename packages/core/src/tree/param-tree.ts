import type { Tensor } from "@tensorflow/tfjs-core";

/** Plain nested data whose leaves are tensors: parameters, optimiser moments, averages, whole training states. */
export type ParamTree = Tensor | { readonly [name: string]: ParamTree } | readonly ParamTree[];
