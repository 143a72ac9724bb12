import * as tf from "@tensorflow/tfjs-core";
import { type Info, override, type Run, view } from "./kernel-override.js";

/** The backend tiles and pads up to four axes on the GPU; beyond, it needs values on the host or fails. */
const highest = 4;

/** Applies calls in sequence, each to one axis of [before, axis, after], and disposes intermediate results. */
function axisByAxis(
  own: Run,
  x: Info,
  axes: readonly number[],
  attrsOf: (axis: number) => { readonly attrs: Readonly<Record<string, unknown>>; readonly size: number },
  backend: tf.KernelBackend,
): Info {
  let current = x;
  for (const axis of axes) {
    const { shape } = current;
    const product = (part: number[]): number => tf.util.sizeFromShape(part);
    const around = [product(shape.slice(0, axis)), shape[axis]!, product(shape.slice(axis + 1))];
    const { attrs, size } = attrsOf(axis);
    const next = view(own({ x: view(current, around) }, attrs), shape.with(axis, size));
    if (current !== x) backend.disposeData(current.dataId);
    current = next;
  }
  return current;
}

const changed = (change: (axis: number) => boolean, rank: number): number[] =>
  Array.from({ length: rank }, (_, axis) => axis).filter(change);

/** Lets the backend tile and pad tensors of five or more axes, as upsampling does: one axis at a time. */
export function repeatAndPadAxisByAxis(backendName: string): void {
  override("Tile", backendName, (own, inputs, attrs, backend) => {
    const x = inputs.x!;
    const reps = attrs.reps as readonly number[];
    const axes = changed((axis) => reps[axis] !== 1, x.shape.length);
    if (x.shape.length <= highest || axes.length === 0) return own(inputs, attrs);
    return axisByAxis(
      own,
      x,
      axes,
      (axis) => ({ attrs: { reps: [1, reps[axis]!, 1] }, size: x.shape[axis]! * reps[axis]! }),
      backend,
    );
  });
  override("PadV2", backendName, (own, inputs, attrs, backend) => {
    const x = inputs.x!;
    const paddings = attrs.paddings as readonly (readonly [number, number])[];
    const axes = changed((axis) => paddings[axis]![0] + paddings[axis]![1] > 0, x.shape.length);
    if (x.shape.length <= highest || axes.length === 0) return own(inputs, attrs);
    const alone = (axis: number) => ({ ...attrs, paddings: [[0, 0], paddings[axis]!, [0, 0]] });
    return axisByAxis(
      own,
      x,
      axes,
      (axis) => ({ attrs: alone(axis), size: x.shape[axis]! + paddings[axis]![0] + paddings[axis]![1] }),
      backend,
    );
  });
}
