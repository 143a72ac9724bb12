import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ReflectionKind } from "typedoc";
import { beforeAll, describe, expect, it } from "vitest";
import { convert, type Reference, undocumented, undocumentedList } from "./convert.js";
import { entryPoints } from "./entry-points.js";

let reference: Reference;

beforeAll(async () => {
  reference = await convert();
});

describe("the API reference", () => {
  it("has every entry point, with names, parameters and what is thrown", () => {
    const modules = reference.project.children ?? [];
    expect(modules.map(({ name }) => name).sort()).toEqual(
      entryPoints()
        .map(({ name }) => name)
        .sort(),
    );
    const resolved = modules.find(({ name }) => name === "@ganymede/core/config")?.getChildByName("resolveConfig");
    const [signature] = resolved?.isDeclaration() ? (resolved.signatures ?? []) : [];
    expect(signature?.parameters?.map(({ name }) => name)).toEqual(["defaults", "overrides", "who", "options"]);
    expect(signature?.comment?.blockTags.map(({ tag }) => tag)).toContain("@throws");
    expect(signature?.sources?.[0]?.url).toMatch(/\/blob\/main\/packages\/core\/src\/config\/resolve-config\.ts#L\d+$/);
  });

  it("is written as pages with what the docstrings say", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ganymede-api-"));
    try {
      await reference.app.generateDocs(reference.project, folder);
      const page = await readFile(join(folder, "functions", "_ganymede_core_config.resolveConfig.html"), "utf8");
      for (const part of ["Throws", "start of the error sentences", "with the known ones", "resolve-config.ts"])
        expect(page).toContain(part);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("leads nowhere that is not there", () => {
    expect(reference.warnings).toEqual([]);
  });

  it("has a docstring of every exported symbol; the list of those that lack one only shrinks", () => {
    const lacking = undocumented(reference.project);
    const list = JSON.parse(readFileSync(undocumentedList, "utf8")) as string[];
    const added = lacking.filter((name) => !list.includes(name));
    expect(added, "exported without a docstring: write one").toEqual([]);
    const done = list.filter((name) => !lacking.includes(name));
    expect(done, "in reference/undocumented.json, but documented or gone: npm run api takes them out").toEqual([]);
  });

  it("finds what has none", () => {
    const [module] = reference.project.children ?? [];
    const symbol = module?.children?.find((each) => each.kindOf(ReflectionKind.SomeType) && each.hasComment());
    const comment = symbol!.comment;
    delete symbol!.comment;
    expect(undocumented(reference.project)).toContain(`${module?.name}: ${symbol?.name}`);
    symbol!.comment = comment!;
  });
});
