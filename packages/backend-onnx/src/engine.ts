/** What another engine for whole functions needs of this package. */
export { elementsOf, GraphBuilder, splatOf } from "./graph/builder.js";
export { binary, cast, expand, reshape, swapLast, unary, where } from "./graph/operations.js";
export type { Constant, ElementType, HostArray, NarrowType, Node, Value } from "./graph/value.js";
export { dependencies, feedsOf, isNarrow, nodesOf, sizeOf } from "./graph/value.js";
export type { Graph } from "./model/encode-model.js";
export { encodeModel } from "./model/encode-model.js";
export type { NativeEngineOptions } from "./native/engine.js";
export { startEngine } from "./native/engine.js";
export type { ForeignFunction } from "./native/foreign-calls.js";
export { callAside, pointerFrom } from "./native/foreign-calls.js";
export type { NativeHostBuffer } from "./native/host-buffers.js";
export { optimizeWhole } from "./optimize/optimize.js";
export type { Rule, UseCount } from "./optimize/rewrite.js";
export { rewrite } from "./optimize/rewrite.js";
export { registerBackend } from "./register-backend.js";
export type { BlockingEngine, Buffer, CompiledEngine, HostBuffer, Session, TensorStore } from "./runtime/engine.js";
