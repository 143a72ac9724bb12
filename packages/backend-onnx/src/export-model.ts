import type { ParamTree } from "@ganymede/core";
import { GanymedeError, leaves } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { encodeModel } from "./model/encode-model.js";
import { OnnxBackend } from "./recorder.js";
import { traceGraph } from "./trace-graph.js";

/** Inputs and outputs of the model that `exportModel` writes. */
export interface ExportOptions {
  /** Tensors of the wanted shapes and types by the names of the model's inputs; their values do not matter. */
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  /** Names of the results, in the order of their leaves. */
  readonly outputs: readonly string[];
}

/**
 * A function as an ONNX model for any runtime: what it is given are the inputs, every other tensor that it uses becomes a constant.
 *
 * @param fn as `compile` wants it; on the current backend, which must be `onnx`.
 * @returns the bytes of a `.onnx` file (opset 21).
 * @throws GanymedeError `unsupported` on another backend, `invalid-argument` for another number of names than of results.
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
