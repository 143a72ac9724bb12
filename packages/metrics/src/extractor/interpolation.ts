/**
 * Sampling position of output pixel i in a bilinear resize without antialiasing:
 * `half-pixel`: (i + 0.5) * in / out - 0.5, not below 0 (PyTorch, align_corners false);
 * `tensorflow-1`: i * in / out (TensorFlow 1, align_corners false).
 */
export type Sampling = "half-pixel" | "tensorflow-1";

/** The matrix `[outputs, inputs]` that resizes one axis: each row has the weights of two neighbours. */
export function interpolationMatrix(inputs: number, outputs: number, sampling: Sampling): Float32Array {
  const matrix = new Float32Array(outputs * inputs);
  const scale = inputs / outputs;
  for (let i = 0; i < outputs; i++) {
    const position = sampling === "half-pixel" ? Math.max(0, (i + 0.5) * scale - 0.5) : i * scale;
    const low = Math.min(Math.floor(position), inputs - 1);
    const high = Math.min(low + 1, inputs - 1);
    const share = position - low;
    matrix[i * inputs + low]! += 1 - share;
    matrix[i * inputs + high]! += share;
  }
  return matrix;
}
