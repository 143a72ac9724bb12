/** What both engines are asked to run. */
export interface StepSettings {
  readonly preset: string;
  readonly backend: "onnx" | "wasm" | "tensorflow";
  readonly batch: number;
  /** R1's weight; it applies at every step. */
  readonly gamma: number;
  readonly threads: number;
}
