import { defineGradient, zerosLike } from "./define-gradient.js";

/** `After` returns its first input; the second only orders. */
export function registerOrder(): void {
  defineGradient("After", ["x", "y"], (dy, [, y]) => [() => dy, () => zerosLike(y!)]);
}
