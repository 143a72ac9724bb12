import type { Backend } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { describe, expect, it } from "vitest";
import { exitCodeOf } from "./exit-codes.js";
import { testCommand } from "./fixtures/test-context.js";

const verbs = [
  "start",
  "train",
  "sample",
  "attend",
  "eval",
  "compare",
  "import",
  "export",
  "bench",
  "backends",
  "plugins",
];

describe("ganymede", () => {
  it.each(verbs)("%s --help has examples", async (verb) => {
    const command = await testCommand();
    expect(await command.run(verb, "--help")).toBe(0);
    const text = command.out.join("\n");
    expect(text).toContain(`Usage: ganymede ${verb}`);
    expect(text).toMatch(new RegExp(`Examples:\\n  \\$ ganymede ${verb}`));
  });

  it("--help lists every verb and every exit code", async () => {
    const command = await testCommand();
    expect(await command.run("--help")).toBe(0);
    const text = command.out.join("\n");
    for (const verb of verbs) expect(text).toMatch(new RegExp(`^  ${verb} `, "m"));
    for (const code of [0, 1, 2, 3, 4, 5, 6, 7, 130]) expect(text).toMatch(new RegExp(`^  ${code} `, "m"));
    expect(exitCodeOf(new Error("x"))).toBe(1);
  });

  it("--version, and a wrong or no verb", async () => {
    const command = await testCommand();
    expect(await command.run("--version")).toBe(0);
    expect(command.out[0]).toMatch(/^\d+\.\d+\.\d+/);
    expect(await command.run("trian")).toBe(2);
    expect(command.notes.at(-1)).toBe("ganymede: unknown command 'trian' (Did you mean train?); see ganymede --help");
    expect(await command.run()).toBe(2);
    expect(command.notes.join("\n")).toMatch(/Usage: ganymede/);
  });

  it("lists backends and plugins, as a table and as JSON", async () => {
    const command = await testCommand();
    expect(await command.run("backends", "--json")).toBe(0);
    const measured = JSON.parse(command.out[0]!);
    expect(measured).toMatchObject({ id: "cpu", available: true, reason: null });
    expect(Math.min(measured.gflops, measured.gigabytes)).toBeGreaterThan(0);
    await command.run("backends", "--no-measure");
    expect(command.out.at(-1)).toMatch(/^cpu +CPU, plain JavaScript +one operation at a time +- +- +available$/);
    await command.run("plugins", "--json");
    const toy = command.out.map((line) => line.startsWith("{") && JSON.parse(line)).find(({ id }) => id === "toy");
    expect(toy).toMatchObject({ kind: "models", plugin: "ganymede-plugin-toy" });
    const presets = ["toy-small", "toy-wide", "toy-large", "toy-parts", "toy-unstable"];
    expect(toy.presets.map(({ id }: { readonly id: string }) => id)).toEqual(presets);
  });

  it("says which backends auto takes only for long trainings", async () => {
    const slow: Backend = {
      id: "slow-start",
      device: "CPU",
      priority: 99,
      repaysAfter: { steps: 200, seconds: 60 },
      compiled: true,
      unavailable: async () => null,
      activate: async () => undefined,
    };
    const plugin = definePlugin({ apiVersion: 1, name: "slow", backends: [slow] });
    const command = await testCommand({ builtIn: async () => [plugin] });
    expect(await command.run("backends", "--no-measure")).toBe(0);
    expect(command.out.at(-1)).toMatch(/available; auto takes it to train for 200 steps and 60 seconds or longer$/);
    command.out.length = 0;
    await command.run("backends", "--no-measure", "--json");
    expect(JSON.parse(command.out[0]!)).toMatchObject({ id: "slow-start", repaysAfter: { steps: 200, seconds: 60 } });
  });
});
