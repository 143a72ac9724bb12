import { expect, it } from "vitest";
import { GanymedeError } from "../errors/ganymede-error.js";
import { configRules } from "./config-rules.js";

const { demand, divides, oneOf } = configRules("toy");

it("passes what holds", () => {
  demand(true, "never said");
  divides(4, 12, "heads must divide width");
  oneOf("layer", ["layer", "batch"], "norm");
});

it.each<[string, () => void, string]>([
  ["a rule", () => demand(false, "depth must be positive, got 0"), "toy: depth must be positive, got 0"],
  [
    "a divisor",
    () => divides(5, 12, "heads must divide width"),
    "toy: heads must divide width, got 5 and 12; choose a divisor of 12",
  ],
  ["no divisor", () => divides(0, 12, "heads must divide width"), "toy: heads must divide width, got 0 and 12;"],
  ["half a divisor", () => divides(1.5, 12, "heads must divide width"), "got 1.5 and 12"],
  ["a name", () => oneOf("group", ["layer", "batch"], "norm"), "toy: norm must be one of layer, batch, got group"],
])("names %s that does not hold", (_, check, message) => {
  expect(check).toThrow(GanymedeError);
  expect(check).toThrow(message);
});
