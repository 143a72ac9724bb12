import { GanymedeError } from "./ganymede-error.js";

/**
 * Checks a shape at a public entry point. A number in `expected` must match; a name stands for any size.
 *
 * @throws GanymedeError `invalid-argument` with `who`, the rule and the shape.
 */
export function expectShape(
  value: { readonly shape: readonly number[] },
  expected: readonly (number | string)[],
  who: string,
): void {
  const matches =
    value.shape.length === expected.length &&
    expected.every((size, axis) => typeof size === "string" || size === value.shape[axis]);
  if (!matches) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: shape must be [${expected.join(", ")}], got [${value.shape.join(", ")}]`,
    );
  }
}
