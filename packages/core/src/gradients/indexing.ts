import * as tf from "@tensorflow/tfjs-core";
import { defineGradient, zerosLike } from "./define-gradient.js";

/** Adds rows of `dy` at `indices` along the first axis of zeros with `count` rows. */
function scatterRows(dy: tf.Tensor, indices: tf.Tensor, count: number): tf.Tensor {
  const flat = tf.reshape(indices, [-1]) as tf.Tensor1D;
  const rows = tf.reshape(dy, [flat.size, ...dy.shape.slice(indices.rank)]);
  return tf.unsortedSegmentSum(rows, tf.cast(flat, "int32"), count);
}

/** Gradients of gathering and scattering, which are adjoint to each other. */
export function registerIndexing(): void {
  defineGradient<{ axis: number; batchDims: number }>("GatherV2", ["x", "indices"], (dy, [x, indices], _y, attrs) => [
    () => gatherAdjoint(dy, x!, indices!, attrs.axis, attrs.batchDims),
    () => zerosLike(indices!),
  ]);
  defineGradient("UnsortedSegmentSum", ["x", "segmentIds"], (dy, [, ids]) => [
    () => gatherValid(dy, ids!),
    () => zerosLike(ids!),
  ]);
  defineGradient("GatherNd", ["params", "indices"], (dy, [params, indices]) => [
    () => tf.scatterND(indices as tf.Tensor, dy, params!.shape as never),
    () => zerosLike(indices!),
  ]);
  defineGradient("ScatterNd", ["indices", "updates"], (dy, [indices]) => [
    () => zerosLike(indices!),
    () => tf.gatherND(dy, indices!),
  ]);
  defineGradient("OneHot", ["indices"], (_dy, [indices]) => [() => zerosLike(indices!)]);
  defineGradient<StridedSlice>("StridedSlice", ["x"], (dy, [x], _y, attrs) => [() => unslice(dy, x!.shape, attrs)]);
}

/** Negative ids belong to no segment; their rows get zeros. */
function gatherValid(dy: tf.Tensor, ids: tf.Tensor): tf.Tensor {
  const rows = tf.gather(dy, tf.cast(tf.maximum(ids, 0), "int32") as tf.Tensor1D);
  const valid = tf.reshape(tf.cast(tf.greaterEqual(ids, 0), "float32"), [...ids.shape, ...Array(dy.rank - 1).fill(1)]);
  return tf.mul(rows, valid);
}

function gatherAdjoint(dy: tf.Tensor, x: tf.Tensor, indices: tf.Tensor, axis: number, batchDims: number): tf.Tensor {
  if (batchDims > 0) {
    const parts = tf.unstack(x).map((row, i) => {
      const [dyRow, indexRow] = [tf.unstack(dy)[i]!, tf.unstack(indices)[i]!];
      return gatherAdjoint(dyRow, row, indexRow, axis - 1, batchDims - 1);
    });
    return tf.stack(parts);
  }
  const along = tf.util.parseAxisParam(axis, x.shape)[0]!;
  const indexAxes = indices.shape.map((_, i) => along + i);
  const before = x.shape.slice(0, along).map((_, i) => i);
  const after = x.shape.slice(along + 1).map((_, i) => along + indices.rank + i);
  const rows = tf.transpose(dy, [...indexAxes, ...before, ...after]);
  const scattered = scatterRows(rows, indices, x.shape[along]!);
  const order = [...before.map((i) => i + 1), 0, ...after.map((i) => i - indices.rank + 1)];
  return along === 0 ? scattered : tf.transpose(scattered, order);
}

interface StridedSlice {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

/** The adjoint of a strided slice: inserts zeros between the strides, pads, and reverses axes of negative stride. */
function unslice(dy: tf.Tensor, shape: readonly number[], attrs: StridedSlice): tf.Tensor {
  const info = tf.slice_util.sliceInfo(
    [...shape],
    attrs.begin,
    attrs.end,
    attrs.strides,
    attrs.beginMask,
    attrs.endMask,
    attrs.ellipsisMask,
    attrs.newAxisMask,
    attrs.shrinkAxisMask,
  );
  let restored = tf.reshape(dy, info.finalShapeSparse);
  shape.forEach((size, axis) => {
    const stride = info.strides[axis]!;
    const count = restored.shape[axis]!;
    const step = Math.abs(stride);
    if (stride < 0) restored = tf.reverse(restored, axis);
    const first = stride > 0 ? info.begin[axis]! : info.begin[axis]! - (count - 1) * step;
    // [.., n, ..] to [.., n, step, ..] with zeros after each element, then flattened.
    const spread = tf.expandDims(restored, axis + 1);
    const padded = tf.pad(
      spread,
      spread.shape.map((_, a): [number, number] => (a === axis + 1 ? [0, step - 1] : [0, 0])),
    );
    const flat = tf.reshape(
      padded,
      restored.shape.map((n, a) => (a === axis ? n * step : n)),
    );
    const length = Math.min(count * step, size - first);
    const cut = tf.slice(
      flat,
      flat.shape.map(() => 0),
      flat.shape.map((n, a) => (a === axis ? length : n)),
    );
    restored = tf.pad(
      cut,
      cut.shape.map((_, a): [number, number] => (a === axis ? [first, size - first - length] : [0, 0])),
    );
  });
  return restored;
}
