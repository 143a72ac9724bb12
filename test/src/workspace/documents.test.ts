import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { root, workspacePackages } from "./packages.js";

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".md"))
    .map((path) => join("docs", path)),
  ...workspacePackages()
    .map(({ folder }) => join(folder, "README.md"))
    .filter((path) => existsSync(join(root, path))),
];
const text = (path: string): string => readFileSync(join(root, path), "utf8");

describe("documents", () => {
  it.each(documents)("every link inside the checkout leads somewhere: %s", (path) => {
    const targets = [...text(path).matchAll(/\]\(([^)#]+)(#[^)]*)?\)/g)].map(([, target]) => target!);
    const inside = targets.filter((target) => !/^[a-z]+:/.test(target));
    expect(inside.filter((target) => !existsSync(join(root, dirname(path), target)))).toEqual([]);
  });

  it("the README lists every published package", () => {
    const published = workspacePackages().filter(({ manifest }) => manifest.private !== true);
    const missing = published.filter(({ manifest }) => !text("README.md").includes(`| [\`${manifest.name}\`]`));
    expect(missing.map(({ manifest }) => manifest.name)).toEqual([]);
  });

  it("the README's plugin is the one that is built and trained, in under 60 lines", () => {
    const [, shown] = /```ts\n([\s\S]*?)```/.exec(text("README.md")) ?? [];
    const built = text("test/fixtures/ganymede-plugin-cosine/src/index.ts");
    expect(built.endsWith(shown!)).toBe(true);
    expect(built.split("\n").length).toBeLessThan(60);
  });

  it("every decision is listed", () => {
    const pages = readdirSync(join(root, "docs", "decisions")).filter((name) => name !== "README.md");
    const list = text("docs/decisions/README.md");
    expect(pages.filter((name) => !list.includes(`](${name})`))).toEqual([]);
  });
});
