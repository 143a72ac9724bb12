import { createRegistry, GanymedeError } from "@ganymede/core";
import { createModel, createTrainStep } from "@ganymede/training";
import { describe, expect, it } from "vitest";
import { builtInPlugins } from "../built-in-plugins.js";

const registry = createRegistry(await builtInPlugins());
const tiny = registry
  .list("models")
  .flatMap(({ id, presets }) =>
    presets.filter((preset) => preset.id.endsWith("-tiny")).map((preset) => ({ id, preset })),
  );

/** Every value of a record replaced in turn, at any depth. */
function* replaced(value: unknown, by: unknown): Generator<unknown> {
  yield by;
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) {
    for (const changed of replaced(inner, by)) {
      yield Array.isArray(value) ? value.with(Number(name), changed) : { ...value, [name]: changed };
    }
  }
}

const outcome = (make: () => unknown): string => {
  try {
    make();
    return "made";
  } catch (error) {
    return GanymedeError.is(error) && !error.message.includes("\n") ? "refused" : String(error);
  }
};

describe("createModel", () => {
  it.each([
    ["vitgan", { generator: { depth: 1e9 } }],
    ["vitgan", { generator: { mappingLayers: 1e9 } }],
    ["skinny", { generator: { coarse: { count: 1e9 } } }],
    ["gansformer", { generator: { mapping: { layers: 1e9 } } }],
  ])("refuses more blocks of %s than anybody would wait for: %j", (id, overrides) => {
    const family = registry.get("models", id);
    const { preset } = tiny.find((each) => each.id === id)!;
    expect(() => createModel(registry, { family: id, model: family.configure(preset.model, overrides) })).toThrow(
      /must be a whole number from [01] to 1024, got 1000000000/,
    );
  });
});

describe.each(tiny)("a configuration of $preset.id from a file", ({ id, preset }) => {
  it.each([[null], [undefined], ["a"], [-1], [{}], [[]], [[null]]])(
    "with %j in the place of any setting is made or refused",
    (by) => {
      const outcomes = new Set<string>();
      for (const model of replaced(preset.model, by))
        outcomes.add(outcome(() => createModel(registry, { family: id, model })));
      const model = createModel(registry, { family: id, model: preset.model });
      for (const training of replaced(preset.training, by))
        outcomes.add(outcome(() => createTrainStep(model, training as never, registry)));
      expect([...outcomes].filter((each) => each !== "made" && each !== "refused")).toEqual([]);
      expect(outcomes).toContain("refused");
    },
  );
});
