import type { Tensor } from "@tensorflow/tfjs-core";

/** Nested plain data with tensors as leaves: parameters, optimizer moments, averages, whole training states. */
export type ParamTree = Tensor | { readonly [name: string]: ParamTree } | readonly ParamTree[];
