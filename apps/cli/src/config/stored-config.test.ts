import { createRegistry, GanymedeError } from "@ganymede/core";
import { describe, expect, it } from "vitest";
import { builtInPlugins } from "../built-in-plugins.js";
import { createModel, resolveChoices } from "./run-config.js";

const registry = createRegistry([...builtInPlugins()]);
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
  it("makes every preset, and refuses settings that would take for ever", () => {
    for (const { id, presets } of registry.list("models")) {
      for (const { model } of presets) expect(() => createModel(registry, { family: id, model })).not.toThrow();
    }
    const { id, preset } = tiny.at(-1)!;
    const huge = { ...(preset.model as object), blocks: { count: 1e9 } };
    expect(() => createModel(registry, { family: id, model: huge })).toThrow(
      `${id}.blocks.count must be at most 65536, got 1000000000; choose a smaller one`,
    );
    let deep: unknown = 1;
    for (let i = 0; i < 50_000; i++) deep = [deep];
    expect(() => createModel(registry, { family: id, model: deep })).toThrow(/nested at most 32 deep/);
  });
});

describe.each(tiny)("a configuration of $preset.id from a file", ({ id, preset }) => {
  it.each([[null], [undefined], ["a"], [-1], [{}], [[]], [[null]]])(
    "with %j in the place of any setting is made or refused",
    (by) => {
      const outcomes = new Set<string>();
      for (const model of replaced(preset.model, by))
        outcomes.add(outcome(() => createModel(registry, { family: id, model })));
      for (const training of replaced(preset.training, by))
        outcomes.add(outcome(() => resolveChoices(registry, training as never)));
      expect([...outcomes].filter((each) => each !== "made" && each !== "refused")).toEqual([]);
      expect(outcomes).toContain("refused");
    },
  );
});
