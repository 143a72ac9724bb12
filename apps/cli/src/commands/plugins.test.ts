import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { componentKinds, createRegistry } from "@ganymede/core";
import { describe, expect, it } from "vitest";
import { builtInPlugins } from "../built-in-plugins.js";
import { testCommand } from "../fixtures/test-context.js";

type Line = Readonly<Record<string, unknown>>;

async function listed(command: Awaited<ReturnType<typeof testCommand>>, ...args: readonly string[]): Promise<Line[]> {
  command.out.length = 0;
  expect(await command.run("plugins", "--json", ...args)).toBe(0);
  return command.out.map((line) => JSON.parse(line) as Line);
}

const find = (lines: readonly Line[], kind: string, id: string) =>
  lines.find((line) => line.kind === kind && line.id === id);

const featureMetrics = ["fid", "kid", "prdc", "is", "is-consecutive"];

describe("ganymede plugins", () => {
  it("lists every component of every built-in plugin, with its settings as JSON", async () => {
    const command = await testCommand({ builtIn: async () => builtInPlugins() });
    const lines = await listed(command);
    const registry = createRegistry(await builtInPlugins());
    for (const kind of componentKinds) {
      for (const entry of registry.list(kind)) {
        const line = find(lines, kind, entry.id);
        expect(line, `${kind} ${entry.id}`).toMatchObject({ plugin: registry.owner(kind, entry.id) });
        if (kind !== "backends") expect(line?.source).toBe((entry as { source?: string }).source);
        if ("defaults" in entry) expect(line?.settings, `${kind} ${entry.id}`).toEqual(entry.defaults);
      }
    }
    expect(find(lines, "attentions", "performer")).toMatchObject({ role: "self", plugin: "@ganymede/attention" });
    expect(find(lines, "optimizers", "adam")?.settings).toMatchObject({ beta1: expect.any(Number) });
    const vitgan = find(lines, "models", "vitgan") as { readonly presets: readonly Line[] };
    expect(vitgan.presets).toContainEqual({ id: "vitgan-tiny", source: expect.any(String) });
    expect(find(lines, "backends", "cpu")).toMatchObject({ source: null, device: expect.any(String) });
    const absent = componentKinds.filter((kind) => !lines.some((line) => line.kind === kind));
    expect(absent).toEqual(["callbacks"]);
  });

  it("lists metrics and feature extractors with what they still need", async () => {
    const command = await testCommand();
    const none = await listed(command);
    expect(none.filter(({ kind }) => kind === "metrics").map(({ id }) => id)).toEqual(["swd", ...featureMetrics]);
    expect(find(none, "metrics", "swd")).toMatchObject({ better: "smaller", needs: null });
    const needs = "Inception weights: --inception or $GANYMEDE_DATA";
    for (const id of featureMetrics) expect(find(none, "metrics", id)).toMatchObject({ needs });
    expect(find(none, "metrics", "fid")?.settings).toEqual({ extractor: "inception", dims: null });
    const settings = { weights: null };
    expect(find(none, "extractors", "inception")).toMatchObject({ settings, plugin: "@ganymede/metrics", needs });

    const weights = join(command.cwd, "weights");
    await mkdir(weights);
    await writeFile(join(weights, "weights_conv.dat"), "not read");
    const environment = { ...command.context.environment, GANYMEDE_DATA: weights };
    const partial = await listed(await testCommand({ environment }));
    for (const id of ["fid", "kid"]) expect(find(partial, "metrics", id)).toMatchObject({ needs: null });
    expect(find(partial, "extractors", "inception")).toMatchObject({ needs: null });
    expect(find(partial, "metrics", "is")).toMatchObject({ needs: `complete ${needs}` });
  });

  it("lists components of other plugins, for people by kind", async () => {
    const command = await testCommand();
    const plugin = `export default { apiVersion: 1, name: "ganymede-plugin-steady", schedules: [{ id: "steady", source: "https://x.org",
      defaults: { value: 0.01, ends: [0, 1] }, create: () => ({ at: () => 1, ends: [1] }) }] };`;
    await writeFile(join(command.cwd, "steady.ts"), plugin);
    expect(await command.run("plugins", "--plugin", "./steady.ts")).toBe(0);
    const text = command.out.join("\n");
    expect(text).toMatch(
      /\n {2}steady +ganymede-plugin-steady +https:\/\/x\.org\n {6}settings: value=0\.01 ends=\[0,1\]\n/,
    );
    expect(text).toMatch(/^models\n {2}toy .*\n {6}presets: toy-small, toy-wide,/m);
    expect(text).toMatch(
      /\n {2}fid .*\n {6}settings: .*\n {6}needs Inception weights: --inception or \$GANYMEDE_DATA\n/,
    );
    expect(text).not.toContain("callbacks");
  });
});
