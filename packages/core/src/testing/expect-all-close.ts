import { Tensor } from "@tensorflow/tfjs-core";
import { fail } from "./fail.js";

/** Tolerance of `expectAllClose`: `absolute + relative * |expected|`. */
export interface Closeness {
  /** Relative tolerance. Default: 1e-5. */
  readonly relative?: number;
  /** Absolute tolerance. Default: 1e-7. */
  readonly absolute?: number;
}

type Values = Tensor | ArrayLike<number>;

async function read(values: Values): Promise<ArrayLike<number>> {
  return values instanceof Tensor ? values.data() : values;
}

/**
 * Asserts that two tensors or lists are close elementwise: |a - b| <= absolute + relative |b|.
 *
 * @throws GanymedeError `nonconforming` with the first number that differs; NaN and infinity never pass.
 */
export async function expectAllClose(
  actual: Values,
  expected: Values,
  { relative = 1e-5, absolute = 1e-7 }: Closeness = {},
  who = "expectAllClose",
): Promise<void> {
  const [ours, theirs] = await Promise.all([read(actual), read(expected)]);
  if (ours.length !== theirs.length) fail(who, `lengths must be equal, got ${ours.length} and ${theirs.length}`);
  for (let i = 0; i < ours.length; i++) {
    const [a, b] = [ours[i] as number, theirs[i] as number];
    if (!(Math.abs(a - b) <= absolute + relative * Math.abs(b))) {
      fail(who, `number ${i} must be ${b} within ${relative} relative and ${absolute} absolute, got ${a}`);
    }
  }
}
