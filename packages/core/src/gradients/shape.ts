import * as tf from "@tensorflow/tfjs-core";
import { defineGradient, defineListGradient, defineSplitGradient } from "./define-gradient.js";
import { sumToShape } from "./sum-to-shape.js";

/** Gradients of kernels that only move elements: their adjoints move them back. */
export function registerShapes(): void {
  const restore = (name: string, input: string): void =>
    defineGradient(name, [input], (dy, [x]) => [() => tf.reshape(dy, x!.shape)]);
  restore("Reshape", "x");
  restore("ExpandDims", "input");
  defineGradient<{ perm: number[] }>("Transpose", ["x"], (dy, _x, _y, { perm }) => [
    () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm)),
  ]);
  defineGradient<{ dims: number | number[] }>("Reverse", ["x"], (dy, [x], _y, { dims }) => [
    () => tf.reverse(dy, tf.util.parseAxisParam(dims, x!.shape)),
  ]);
  defineGradient("BroadcastTo", ["x"], (dy, [x]) => [() => sumToShape(dy, x!.shape)]);
  defineGradient<{ reps: number[] }>("Tile", ["x"], (dy, [x], _y, { reps }) => [() => untile(dy, x!.shape, reps)]);
  registerJoins();
  registerSlices();
  registerBlocks();
}

/** Sums the copies of a tile: `[.., r n, ..]` as `[.., r, n, ..]`, summed over `r`. */
function untile(dy: tf.Tensor, shape: readonly number[], reps: readonly number[]): tf.Tensor {
  const split = shape.flatMap((size, axis) => [reps[axis]!, size]);
  const copies = shape.map((_, axis) => 2 * axis);
  return tf.sum(tf.reshape(dy, split), copies);
}

function registerJoins(): void {
  defineListGradient<{ axis: number }>("Concat", (dy, inputs, { axis }) => {
    const along = tf.util.parseAxisParam(axis, inputs[0]!.shape)[0]!;
    const starts = inputs.map((_, i) => inputs.slice(0, i).reduce((sum, x) => sum + x.shape[along]!, 0));
    return inputs.map((x, i) => () => {
      const begin = x.shape.map((_, a) => (a === along ? starts[i]! : 0));
      return tf.slice(dy, begin, x.shape);
    });
  });
  defineListGradient<{ axis: number }>("Pack", (dy, inputs, { axis }) => {
    const parts = tf.unstack(dy, axis);
    return inputs.map((_, i) => () => parts[i]!);
  });
  defineSplitGradient<{ axis: number }>("Unpack", "value", (dys, _x, { axis }) => tf.stack([...dys], axis));
  defineSplitGradient<{ axis: number }>("SplitV", "x", (dys, _x, { axis }) => tf.concat([...dys], axis));
}

function registerSlices(): void {
  defineGradient<{ begin: number | number[]; size: number | number[] }>("Slice", ["x"], (dy, [x], _y, attrs) => {
    const [begin, size] = tf.slice_util.parseSliceParams(x!, attrs.begin, attrs.size) as [number[], number[]];
    const paddings = x!.shape.map((full, axis): [number, number] => [begin[axis]!, full - begin[axis]! - size[axis]!]);
    return [() => tf.pad(dy, paddings)];
  });
  defineGradient<{ paddings: [number, number][] }>("PadV2", ["x"], (dy, [x], _y, { paddings }) => [
    () =>
      tf.slice(
        dy,
        paddings.map(([before]) => before),
        x!.shape,
      ),
  ]);
  defineGradient<{ paddings: [number, number][]; mode: "reflect" | "symmetric" }>(
    "MirrorPad",
    ["x"],
    (dy, [x], _y, { paddings, mode }) => [() => foldMirror(dy, x!.shape, paddings, mode === "reflect" ? 1 : 0)],
  );
}

/** Adds mirrored margins back to the pixels that they repeat, one axis at a time. */
function foldMirror(dy: tf.Tensor, shape: readonly number[], paddings: [number, number][], skip: number): tf.Tensor {
  return shape.reduce((margins, size, axis) => {
    const [before, after] = paddings[axis]!;
    const cut = (start: number, length: number): tf.Tensor =>
      tf.slice(
        margins,
        margins.shape.map((_, a) => (a === axis ? start : 0)),
        margins.shape.map((full, a) => (a === axis ? length : full)),
      );
    const place = (part: tf.Tensor, start: number): tf.Tensor =>
      tf.pad(
        tf.reverse(part, axis),
        margins.shape.map((_, a): [number, number] =>
          a === axis ? [start, size - start - part.shape[axis]!] : [0, 0],
        ),
      );
    let sum = cut(before, size);
    if (before > 0) sum = tf.add(sum, place(cut(0, before), skip));
    if (after > 0) sum = tf.add(sum, place(cut(before + size, after), size - after - skip));
    return sum;
  }, dy);
}

function registerBlocks(): void {
  defineGradient<{ blockShape: number[]; crops: [number, number][] }>("BatchToSpaceND", ["x"], (dy, _x, _y, attrs) => [
    () => tf.spaceToBatchND(dy, attrs.blockShape, attrs.crops),
  ]);
  defineGradient<{ blockShape: number[]; paddings: [number, number][] }>(
    "SpaceToBatchND",
    ["x"],
    (dy, _x, _y, attrs) => [() => tf.batchToSpaceND(dy, attrs.blockShape, attrs.paddings)],
  );
  // [B, H r, W r, C] back to [B, H, W, r r C]
  defineGradient<{ blockSize: number }>("DepthToSpace", ["x"], (dy, [x], _y, { blockSize: r }) => [
    () => {
      const [b, h, w, c] = x!.shape as [number, number, number, number];
      const blocks = tf.reshape(dy, [b, h, r, w, r, c / (r * r)]);
      return tf.reshape(tf.transpose(blocks, [0, 1, 3, 2, 4, 5]), [b, h, w, c]);
    },
  ]);
}
