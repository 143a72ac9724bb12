import type { NamedArray, WeightLayout } from "../contracts/weights.js";
import { GanymedeError } from "../errors/ganymede-error.js";

function product(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** Permutes the axes of an array, like NumPy's `transpose`. */
export function permute({ shape, data }: NamedArray, axes: readonly number[]): NamedArray {
  if (axes.length !== shape.length) {
    throw new GanymedeError("invalid-data", `weights: the array must have ${axes.length} axes, got ${shape.length}`);
  }
  const strides = shape.map((_, axis) => product(shape.slice(axis + 1)));
  const lengths = axes.map((axis) => shape[axis] as number);
  const steps = axes.map((axis) => strides[axis] as number);
  const out = new Float32Array(data.length);
  let next = 0;
  const visit = (axis: number, from: number): void => {
    if (axis === lengths.length) {
      out[next++] = data[from] as number;
      return;
    }
    for (let i = 0; i < (lengths[axis] as number); i++) visit(axis + 1, from + i * (steps[axis] as number));
  };
  visit(0, 0);
  return { shape: lengths, data: out };
}

/** A layout of one array. */
function single(read: (theirs: NamedArray) => NamedArray, write: (ours: NamedArray) => NamedArray): WeightLayout {
  return { parts: 1, read: ([array]) => read(array as NamedArray), write: (ours) => [write(ours)] };
}

/** The same on both sides. */
export const asIs: WeightLayout = single(
  (array) => array,
  (array) => array,
);

/** Permuted axes: ours is `transpose(theirs, axes)`. */
export function transposed(axes: readonly number[]): WeightLayout {
  const back = axes.map((_, axis) => axes.indexOf(axis));
  return single(
    (theirs) => permute(theirs, axes),
    (ours) => permute(ours, back),
  );
}

/** A linear layer: theirs `[out, in]`, ours `[in, out]`. */
export const transposeLinear: WeightLayout = transposed([1, 0]);

/** A convolution's filters: theirs `[out, in, h, w]`, ours `[h, w, in, out]`. */
export const oihwToHwio: WeightLayout = transposed([2, 3, 1, 0]);

/** An image-like array: theirs `[C, H, W]`, ours `[H, W, C]`. */
export const chwToHwc: WeightLayout = transposed([1, 2, 0]);

/** Composes two layouts: in order on reading, in reverse on writing. */
export function sequence(first: WeightLayout, second: WeightLayout): WeightLayout {
  if (second.parts !== 1) throw new GanymedeError("invalid-argument", "sequence: the second layout must have one part");
  return {
    parts: first.parts,
    read: (theirs) => second.read([first.read(theirs)]),
    write: (ours) => first.write(second.write(ours)[0] as NamedArray),
  };
}

/** The same values with another shape. */
export function reshaped(theirs: readonly number[], ours: readonly number[]): WeightLayout {
  const to =
    (shape: readonly number[]) =>
    (array: NamedArray): NamedArray => {
      if (product(shape) !== array.data.length) {
        throw new GanymedeError(
          "invalid-data",
          `weights: the array must have ${product(shape)} values for shape [${shape.join(", ")}], got ${array.data.length}`,
        );
      }
      return { shape, data: array.data };
    };
  return single(to(ours), to(theirs));
}

/** A 1x1 convolution as a linear layer: theirs `[out, in, 1, 1]`, ours `[in, out]`. */
export function pixelMatrix(inputs: number, outputs: number): WeightLayout {
  return sequence(reshaped([outputs, inputs, 1, 1], [outputs, inputs]), transposeLinear);
}

/** A linear layer on a flattened image: theirs `[out, C P]`, channels first, ours `[P C, out]`. */
export function flattenedChwToHwc(channels: number, pixels: number, outputs: number): WeightLayout {
  const size = channels * pixels;
  const apart = sequence(reshaped([outputs, size], [outputs, channels, pixels]), transposed([2, 1, 0]));
  return sequence(apart, reshaped([pixels, channels, outputs], [size, outputs]));
}

/** Ours is theirs plus a constant, such as a bias to which the authors' code adds 1. */
export function plus(constant: number): WeightLayout {
  const add =
    (sum: number) =>
    ({ shape, data }: NamedArray): NamedArray => ({ shape, data: data.map((x) => x + sum) });
  return single(add(constant), add(-constant));
}

/** Ours is theirs times a constant. */
export function times(constant: number): WeightLayout {
  const scale =
    (factor: number) =>
    ({ shape, data }: NamedArray): NamedArray => ({
      shape,
      data: data.map((x) => x * factor),
    });
  return single(scale(constant), scale(1 / constant));
}

/** Ours concatenates several of theirs along the first axis, with the given lengths. */
export function joined(lengths: readonly number[]): WeightLayout {
  return {
    parts: lengths.length,
    read(theirs) {
      const [, ...rest] = (theirs[0] as NamedArray).shape;
      const data = new Float32Array(theirs.reduce((size, array) => size + array.data.length, 0));
      let at = 0;
      for (const array of theirs) {
        data.set(array.data, at);
        at += array.data.length;
      }
      return { shape: [lengths.reduce((sum, length) => sum + length, 0), ...rest], data };
    },
    write({ shape: [, ...rest], data }) {
      let at = 0;
      return lengths.map((length) => {
        const size = length * product(rest);
        at += size;
        return { shape: [length, ...rest], data: data.slice(at - size, at) };
      });
    },
  };
}

/** Ours is part `index` of `count` equal parts of theirs along the first axis; on writing, the parts add up to theirs. */
export function partOf(index: number, count: number): WeightLayout {
  return single(
    ({ shape: [rows = 0, ...rest], data }) => {
      const size = data.length / count;
      return { shape: [rows / count, ...rest], data: data.slice(index * size, (index + 1) * size) };
    },
    ({ shape: [rows = 0, ...rest], data }) => {
      const whole = new Float32Array(data.length * count);
      whole.set(data, index * data.length);
      return { shape: [rows * count, ...rest], data: whole };
    },
  );
}
