import type { NamedArray, ReferenceWeights } from "@ganymede/core";
import { leafRule, networkWeights } from "@ganymede/core";
import { expect, test } from "vitest";
import { findNetworks } from "./import-networks.js";

const weights: ReferenceWeights = {
  source: "https://example.org",
  generator: () => networkWeights([leafRule("a", "layer.module.weight")]),
  discriminator: () => networkWeights([leafRule("b", "judge.weight")]),
  places: { generator: ["G"], average: ["Gs"], discriminator: ["D"] },
};

const named = (...names: string[]): Map<string, NamedArray> =>
  new Map(names.map((name) => [name, { shape: [], data: Float32Array.of(1) }]));

const found = (...names: string[]) => {
  const networks = findNetworks(named(...names), weights, {}, "test");
  return Object.fromEntries(Object.entries(networks).map(([name, arrays]) => [name, arrays && [...arrays.keys()]]));
};

const [own, none] = [["layer.module.weight"], null];

test("a bare state dict, one behind a wrapper, and one beside an optimizer are one network", () => {
  const generator = { generator: own, average: none, discriminator: none };
  expect(found("layer.module.weight")).toEqual(generator);
  expect(found("module.layer.module.weight")).toEqual(generator);
  expect(found("state_dict.layer.module.weight", "optimizer.state.0.exp_avg")).toEqual(generator);
  expect(found("state_dict.module.judge.weight")).toEqual({
    ...generator,
    generator: none,
    discriminator: ["judge.weight"],
  });
});

test("a checkpoint of several networks is taken apart, wrapped or not", () => {
  expect(found("G.module.layer.module.weight", "Gs.layer.module.weight", "D.judge.weight")).toEqual({
    generator: own,
    average: own,
    discriminator: ["judge.weight"],
  });
});

test("other names are refused with the first of them", () => {
  expect(() => found("foreign")).toThrow(/weights of this family, got other names, as "foreign"/);
});
