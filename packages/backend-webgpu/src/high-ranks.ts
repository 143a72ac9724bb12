import * as tf from "@tensorflow/tfjs-core";
import { type Attributes, type Info, type Inputs, override, view } from "./kernel-override.js";
import { merged, runsOf } from "./merge-axes.js";

/** Most axes that the backend's shaders can index. */
const highest = 6;

/** A call with fewer axes, and the shape of the original result. */
interface Call {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
  readonly shape: number[];
}

const flat = (x: Info): Info => view(x, [tf.util.sizeFromShape(x.shape)]);

/** Elementwise: every input has the output's shape. */
function elementwise(inputs: Inputs, attrs: Attributes): Call {
  const shape = Object.values(inputs)[0]!.shape;
  return { inputs: Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, flat(x)])), attrs, shape };
}

/** Elementwise with broadcasting. */
function broadcast({ a, b }: Inputs, attrs: Attributes): Call {
  const shape = tf.backend_util.assertAndGetBroadcastShape(a!.shape, b!.shape);
  const padded = (x: Info) => [...new Array<number>(shape.length - x.shape.length).fill(1), ...x.shape];
  const [left, right] = [padded(a!), padded(b!)];
  const runs = runsOf(shape.map((size, axis) => (size === 1 ? null : `${left[axis] === 1} ${right[axis] === 1}`)));
  return { inputs: { a: view(a!, merged(left, runs)), b: view(b!, merged(right, runs)) }, attrs, shape };
}

function reduction({ x }: Inputs, attrs: Attributes): Call {
  const axes = tf.util.parseAxisParam(attrs.axis as number | number[], x!.shape);
  const runs = runsOf(x!.shape.map((size, axis) => (size === 1 ? null : String(axes.includes(axis)))));
  const within = runs.flatMap((run, i) => (run.some((axis) => axes.includes(axis) && x!.shape[axis] !== 1) ? [i] : []));
  const [short, long] = tf.backend_util.computeOutAndReduceShapes(x!.shape, axes) as [number[], number[]];
  const shape = attrs.keepDims === true ? tf.backend_util.expandShapeToKeepDim(short, axes) : short;
  // If only axes of size 1 are reduced, any of them will do.
  const kept = within.length > 0 || long.length === 0 ? merged(x!.shape, runs) : [...merged(x!.shape, runs), 1];
  const axis = within.length > 0 || long.length === 0 ? within : [kept.length - 1];
  return { inputs: { x: view(x!, kept) }, attrs: { ...attrs, axis, keepDims: false }, shape };
}

function transpose({ x }: Inputs, attrs: Attributes): Call {
  const perm = attrs.perm as readonly number[];
  const place = (axis: number): number => perm.indexOf(axis);
  const runs = runsOf(
    perm.map(() => "moved"),
    (axis) => place(axis) === place(axis - 1) + 1,
  );
  const order = runs.map((_, i) => i).sort((a, b) => place(runs[a]![0]!) - place(runs[b]![0]!));
  return {
    inputs: { x: view(x!, merged(x!.shape, runs)) },
    attrs: { ...attrs, perm: order },
    shape: perm.map((axis) => x!.shape[axis]!),
  };
}

const named = (names: string): readonly string[] => names.trim().split(/\s+/);

/** Merging of axes, by kernel. */
const ways: ReadonlyMap<string, (inputs: Inputs, attrs: Attributes) => Call> = new Map([
  ...named(`
    Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil ClipByValue Cos Cosh Elu Erf Exp Expm1 Floor IsFinite IsInf IsNan LeakyRelu Log
    Log1p LogicalNot Neg Reciprocal Relu Relu6 Round Rsqrt Selu Sigmoid Sign Sin Sinh Softplus Sqrt Square Step Tan Tanh ZerosLike
    OnesLike Select`).map((name) => [name, elementwise] as const),
  ...named(`
    Add Atan2 Equal FloorDiv Greater GreaterEqual Less LessEqual LogicalAnd LogicalOr Maximum Minimum Mod Multiply NotEqual Pow
    RealDiv SquaredDifference Sub`).map((name) => [name, broadcast] as const),
  ...named("All Any Max Mean Min Prod Sum").map((name) => [name, reduction] as const),
  ["Transpose", transpose] as const,
]);

const tooHigh = (x: Info): boolean => x.shape.length > highest;

/**
 * Lets the backend's kernels handle tensors of more than six axes, as in pixel shuffles, windows and their gradients: adjacent axes that
 * are treated alike are merged. A call that still has more than six, such as a transposition that separates all axes, is an error of
 * the backend.
 */
export function allowHighRanks(backendName: string): void {
  for (const [kernelName, way] of ways) {
    override(kernelName, backendName, (own, inputs, attrs) => {
      if (!Object.values(inputs).some(tooHigh)) return own(inputs, attrs);
      const call = way(inputs, attrs);
      return view(own(call.inputs, call.attrs), call.shape);
    });
  }
}
