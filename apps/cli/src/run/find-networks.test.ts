import { leafRule, networkWeights } from "@ganymede/core/weights";
import { describe, expect, test } from "vitest";
import type { NamedRules } from "./find-networks.js";
import { findNetworks } from "./find-networks.js";

const places = { generator: ["G"], average: ["Gs"], discriminator: ["D"] };

/** Two networks whose names are the same but for one each, as in SAGAN and TransGAN, and a word of wrappers inside a name. */
const generatorNames = ["blocks.0.weight", "blocks.1.weight", "layer.module.weight"];
const discriminatorNames = ["blocks.0.weight", "blocks.1.weight", "judge.weight"];
const rulesOf = (side: "generator" | "discriminator", names: readonly string[]): NamedRules => ({
  side,
  whose: "authors",
  rules: networkWeights(
    names.map((name) => leafRule(name, name)),
    [/num_batches_tracked$/],
  ),
});
const ours: readonly NamedRules[] = [
  { side: "generator", whose: "ours", rules: networkWeights([leafRule("a", "a"), leafRule("b", "b")]) },
  { side: "discriminator", whose: "ours", rules: networkWeights([leafRule("a", "a"), leafRule("c", "c")]) },
];
const networks = [rulesOf("generator", generatorNames), rulesOf("discriminator", discriminatorNames), ...ours];

const at = (prefix: string, names: readonly string[]): string[] => names.map((name) => prefix + name);
const generator = (prefix: string) => at(prefix, generatorNames);
const discriminator = (prefix: string) => at(prefix, discriminatorNames);

const found = (...names: string[]): unknown => {
  const networksFound = findNetworks(new Map(names.map((name) => [name, name])), networks, places, "test");
  return Object.fromEntries(
    Object.entries(networksFound).flatMap(([role, each]) => (each === null ? [] : [[role, [...each.arrays.keys()]]])),
  );
};

describe("findNetworks", () => {
  test.each([
    ["a generator", generator(""), { generator: generatorNames }],
    [
      "a discriminator that shares most names with the generator",
      discriminator(""),
      { discriminator: discriminatorNames },
    ],
    ["our names of a discriminator", ["a", "c"], { discriminator: ["a", "c"] }],
    ["one behind a wrapper", generator("module."), { generator: generatorNames }],
    ["a compiled one behind two wrappers", generator("module._orig_mod.module."), { generator: generatorNames }],
    [
      "one whose parts are compiled",
      ["blocks._orig_mod.0.weight", "blocks.1._orig_mod.weight", "layer.module.weight"],
      { generator: generatorNames },
    ],
    [
      "one beside an optimizer",
      [...discriminator("state_dict.module."), "optimizer.state.0.exp_avg"],
      { discriminator: discriminatorNames },
    ],
    ["an averaged model with its counter", ["n_averaged", ...generator("module.")], { generator: generatorNames }],
    ["one in dictionaries of any name", generator("checkpoint.model.net.params."), { generator: generatorNames }],
    ["an averaged one by its dictionary", generator("params_ema."), { average: generatorNames }],
    [
      "several, each where the authors keep it, wrapped or not",
      [...generator("G.module."), ...generator("Gs."), ...discriminator("D."), "D.bn.num_batches_tracked"],
      {
        generator: generatorNames,
        average: generatorNames,
        discriminator: [...discriminatorNames, "bn.num_batches_tracked"],
      },
    ],
    [
      "several under names of others",
      [...generator("g."), ...generator("g_ema."), ...discriminator("d.")],
      { generator: generatorNames, average: generatorNames, discriminator: discriminatorNames },
    ],
    [
      "our own checkpoint",
      ["generator.a", "generator.b", "average.a", "average.b", "discriminator.a", "discriminator.c", "optimizer.a"],
      { generator: ["a", "b"], average: ["a", "b"], discriminator: ["a", "c"] },
    ],
    // What is missing is said later, of the network that is meant.
    ["one that lacks an array", discriminator("").slice(1), { discriminator: discriminatorNames.slice(1) }],
    [
      "a network of other names where the authors keep one",
      [...generator("G."), "D.other"],
      { generator: generatorNames, discriminator: ["other"] },
    ],
  ])("takes %s", (_, names, expected) => {
    expect(found(...names)).toEqual(expected);
  });

  test("refuses other names with the first of them, and two networks for one use", () => {
    expect(() => found("foreign")).toThrow(/weights of this family, got other names, such as "foreign"/);
    expect(() => found(...generator("one."), ...generator("two."))).toThrow(
      /one generator, got one under "one\." and one under "two\."/,
    );
    expect(() => found(...generator(""), ...generator("_orig_mod."))).toThrow(/compiled and not/);
  });
});
