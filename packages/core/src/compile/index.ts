export type { CompileArgument, FunctionCompiler } from "./compile.js";
export { compilerSymbol } from "./compile.js";
export type { Trace } from "./trace.js";
export { inMixedPrecision, keepFloat32, withTrace } from "./trace.js";
