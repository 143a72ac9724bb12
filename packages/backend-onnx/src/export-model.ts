import type { ParamTree } from "@ganymede/core";
import { GanymedeError, leaves } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { encodeModel } from "./model/encode-model.js";
import { OnnxBackend } from "./recorder.js";
import { traceGraph } from "./trace-graph.js";

/** Inputs and outputs of an exported model. */
export interface ExportOptions {
  /** Tensors with the shapes and types of the model's inputs, by name; their values are ignored. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  /** Names of the results, in the order of their leaves. */
  readonly outputs: readonly string[];
}

/**
 * Exports a function as an ONNX model for any runtime: its inputs are those of the model, every other tensor becomes a constant.
 *
 * @param fn a function that could be compiled; the current backend must be `onnx`.
 * @returns the bytes of a `.onnx` file (opset 21).
 * @throws GanymedeError `unsupported` on another backend, `invalid-argument` if the numbers of names and results differ.
 */
export function exportModel(
  fn: (inputs: Readonly<Record<string, tf.Tensor>>) => ParamTree,
  { inputs, outputs }: ExportOptions,
): Uint8Array {
  const backend = tf.backend();
  if (!(backend instanceof OnnxBackend)) {
    throw new GanymedeError(
      "unsupported",
      `exportModel: the backend must be onnx, got ${tf.getBackend()}; activate onnxBackend() first`,
    );
  }
  const { graph, result } = traceGraph(backend, (tree: Readonly<Record<string, tf.Tensor>>) => fn(tree), [inputs]);
  const count = leaves(result).length;
  if (outputs.length !== count) {
    throw new GanymedeError(
      "invalid-argument",
      `exportModel: there must be one name per result, got ${outputs.length} names and ${count} results`,
    );
  }
  return encodeModel(graph, { inputs: Object.keys(inputs), outputs });
}
