import type { NamedArray, NetworkWeights, WeightRule } from "../contracts/weights.js";
import { firstFew } from "../errors/first-few.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { shorten } from "../errors/shorten.js";
import { asIs } from "./layouts.js";

/** Shapes of the leaves of a network by path, and of those of its weight transform. */
export interface NetworkShapes {
  readonly params: ReadonlyMap<string, readonly number[]>;
  readonly vectors: ReadonlyMap<string, readonly number[]>;
}

/** Values of the leaves, by path. */
export interface NetworkArrays {
  readonly params: ReadonlyMap<string, NamedArray>;
  readonly vectors: ReadonlyMap<string, NamedArray>;
}

/** Some of the names, in quotation marks. */
function some(names: readonly string[]): string {
  return firstFew(
    names.map((name) => `"${shorten(name)}"`),
    3,
  );
}

/** Differences between the names of a file and of a network. */
export interface NameDifference {
  /** Names that the network needs and the file lacks. */
  readonly missing: readonly string[];
  /** Names in the file that the network does not use. */
  readonly foreign: readonly string[];
}

/** Compares the names of a file with those of a network. */
export function compareNames(weights: NetworkWeights, names: readonly string[]): NameDifference {
  const wanted = weights.rules.flatMap(({ theirs }) => theirs);
  const [given, known] = [new Set(names), new Set(wanted)];
  return {
    missing: wanted.filter((name) => !given.has(name)),
    foreign: names.filter((name) => !known.has(name) && !weights.ignored.some((pattern) => pattern.test(name))),
  };
}

/** @throws GanymedeError `invalid-checkpoint` with the missing or unused names. */
export function checkNames(weights: NetworkWeights, names: readonly string[], who: string): void {
  const { missing, foreign } = compareNames(weights, names);
  if (missing.length > 0) {
    throw new GanymedeError(
      "invalid-checkpoint",
      `${who}: the file must contain ${some(missing)}, got none; use the preset or configuration that it was made with`,
    );
  }
  if (foreign.length > 0) {
    throw new GanymedeError(
      "invalid-checkpoint",
      `${who}: every array of the file must be used by the model, but ${some(foreign)} is not; use the preset or configuration that it was made with`,
    );
  }
}

function readRule(
  rule: WeightRule,
  tensors: ReadonlyMap<string, NamedArray>,
  shape: readonly number[],
  who: string,
): NamedArray {
  const arrays = rule.theirs.map((name) => tensors.get(name) as NamedArray);
  const array = rule.layout.read(arrays);
  if (array.shape.join() !== shape.join()) {
    const theirs = arrays.map((each) => `[${each.shape.join(", ")}]`).join(" + ");
    throw new GanymedeError(
      "invalid-checkpoint",
      `${who}: ${some(rule.theirs)} must fit "${rule.ours}" of shape [${shape.join(", ")}], got ${theirs}; use the preset or configuration that the file was made with`,
    );
  }
  return array;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((size, length) => size * length, 1);

/**
 * Checks that the arrays of a file can belong to a network, by names and shapes, before any is read. Names that the network does not
 * use, and leaves of the weight transform, are left to `readWeights`.
 *
 * @param given shapes of the file's arrays, by name.
 * @param params shapes of the network's leaves, by path.
 * @throws GanymedeError `invalid-checkpoint` with the arrays that are missing or of another shape.
 */
export function checkShapes(
  weights: NetworkWeights,
  given: ReadonlyMap<string, { readonly shape: readonly number[] }>,
  params: NetworkShapes["params"],
  who: string,
): void {
  checkNames({ ...weights, ignored: [/^/] }, [...given.keys()], who);
  for (const rule of weights.rules) {
    const shape = params.get(rule.ours);
    if (rule.vectors || shape === undefined) continue;
    const shapes = rule.theirs.map((name) => given.get(name)!.shape);
    const isSame = rule.layout !== asIs || shapes.join() === shape.join();
    if (isSame && shapes.reduce((sum, each) => sum + sizeOf(each), 0) === sizeOf(shape)) continue;
    // A layout may take part of an array or add to it; applying it to zeros gives its shape.
    const zeros = shapes.map((each) => ({ shape: each, data: new Float32Array(sizeOf(each)) }));
    readRule(rule, new Map(rule.theirs.map((name, part) => [name, zeros[part]!])), shape, who);
  }
}

/**
 * Converts the arrays of a state dict to the leaves of a network; every array and every leaf must be used. Omitted are leaves of the weight
 * transform that the files lack, and those that are `absent`.
 *
 * @throws GanymedeError `invalid-checkpoint` with the arrays that are missing, unused or of another shape; `invalid-argument` if the
 *   rules lack a leaf.
 */
export function readWeights(
  weights: NetworkWeights,
  tensors: ReadonlyMap<string, NamedArray>,
  shapes: NetworkShapes,
  who: string,
): NetworkArrays {
  const ruled = new Set(weights.rules.filter(({ vectors }) => !vectors).map(({ ours }) => ours));
  const absent = weights.absent ?? [];
  const unruled = [...shapes.params.keys()].filter(
    (path) => !ruled.has(path) && !absent.some((pattern) => pattern.test(path)),
  );
  if (unruled.length > 0) {
    throw new GanymedeError(
      "invalid-argument",
      `readWeights: every leaf must have a rule, but ${some(unruled)} has none`,
    );
  }
  checkNames(weights, [...tensors.keys()], who);
  const found = { params: new Map<string, NamedArray>(), vectors: new Map<string, NamedArray>() };
  for (const rule of weights.rules) {
    const side = rule.vectors ? "vectors" : "params";
    const shape = shapes[side].get(rule.ours);
    if (shape === undefined) {
      throw new GanymedeError("invalid-argument", `readWeights: a rule must name a leaf, got "${rule.ours}"`);
    }
    found[side].set(rule.ours, readRule(rule, tensors, shape, who));
  }
  return found;
}

function sum(a: NamedArray, b: NamedArray): NamedArray {
  return { shape: a.shape, data: a.data.map((value, index) => value + (b.data[index] as number)) };
}

/** Converts the leaves of a network to the arrays of a state dict, by name. */
export function writeWeights(weights: NetworkWeights, arrays: NetworkArrays): ReadonlyMap<string, NamedArray> {
  const out = new Map<string, NamedArray>();
  for (const { ours, vectors, theirs, layout } of weights.rules) {
    const array = (vectors ? arrays.vectors : arrays.params).get(ours);
    if (array === undefined) {
      throw new GanymedeError("invalid-argument", `writeWeights: the network must have "${ours}", got no such leaf`);
    }
    for (const [part, written] of layout.write(array).entries()) {
      const name = theirs[part] as string;
      const whole = out.get(name);
      // Leaves that are parts of one array write zeros for the other parts (`partOf`).
      out.set(name, whole === undefined ? written : sum(whole, written));
    }
  }
  return out;
}
