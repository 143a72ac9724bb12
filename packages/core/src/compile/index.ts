export type { CompileArgument, FunctionCompiler } from "./compile.js";
export { compilerSymbol } from "./compile.js";
export type { Trace } from "./trace.js";
export { inMixedPrecision, single, withTrace } from "./trace.js";
