import { defineGradient, zerosLike } from "./define-gradient.js";

/** `After` passes its first input on; the second only orders. */
export function registerOrder(): void {
  defineGradient("After", ["x", "y"], (dy, [, y]) => [() => dy, () => zerosLike(y!)]);
}
