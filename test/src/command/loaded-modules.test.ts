import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCommand } from "./command-process.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

let folder: string;
// Commands also search ../shared for data, so they run in a folder of the folder.
let here: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-loaded-"));
  here = join(folder, "here");
  const modules = join(here, "node_modules");
  await mkdir(join(modules, "@ganymede"), { recursive: true });
  await mkdir(join(modules, "@tensorflow"));
  const core = join(root, "packages", "core");
  await symlink(core, join(modules, "@ganymede", "core"), "junction");
  const tensors = join("@tensorflow", "tfjs-core");
  await symlink(join(core, "node_modules", tensors), join(modules, tensors), "junction");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Paths of the files whose code a command line loaded, as V8 counts them; it must succeed. */
async function loadedBy(...args: readonly string[]): Promise<readonly string[]> {
  const coverage = await mkdtemp(join(folder, "coverage-"));
  const command = startCommand(args, here, undefined, {
    NODE_V8_COVERAGE: coverage,
    GANYMEDE_DATA: "",
    GANYMEDE_CACHE: join(here, "cache"),
  });
  expect(await command.ended, command.text("stderr")).toEqual({ code: 0, signal: null });
  const texts = await Promise.all((await readdir(coverage)).map((name) => readFile(join(coverage, name), "utf8")));
  const scripts = texts.flatMap((text) => (JSON.parse(text) as { result: { url: string }[] }).result);
  return scripts.map(({ url }) => url).filter((url) => !/^(node|evalmachine|wasm):/.test(url));
}

/** Names of the packages that files belong to, ours without their scope. */
const packagesOf = (files: readonly string[]): readonly string[] =>
  [
    ...new Set(
      files.map(
        (file) =>
          /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? /(?:packages|apps)\/([^/]+)\//.exec(file)?.[1],
      ),
    ),
  ]
    .map(String)
    .sort();

const isOfCore = (file: string): boolean => file.includes("/packages/core/");

describe("the modules that a command loads", () => {
  it.each([["--help"], ["--version"], ["train", "--help"], ["sample", "--help"]])(
    "%s %s: neither tensors nor the code of a command",
    async (...args) => {
      const files = await loadedBy(...args.filter((text) => text !== undefined));
      expect(packagesOf(files)).toEqual(["cli", "commander", "core", "training"]);
      expect(files.length).toBeLessThanOrEqual(16);
    },
  );

  it("train --dry-run: one family, no engine, no image decoder and no compiler of TypeScript", async () => {
    const files = await loadedBy("train", "vitgan-tiny", "--dry-run");
    expect(packagesOf(files)).toEqual([
      "@tensorflow/tfjs-core",
      "attention",
      "backend-onnx",
      "backend-openvino",
      "backend-tensorflow",
      "backend-wasm",
      "backend-webgpu",
      "cli",
      "commander",
      "core",
      "data",
      "metrics",
      "models-vitgan",
      "training",
    ]);
    // Of the engine only its entry in the list of backends: not the compiler, and not the library that it runs on.
    expect(files.filter((file) => /backend-onnx\/dist\/bundle\/parts\/(?!plugin|rolldown)/.test(file))).toEqual([]);
    expect(files.length).toBeLessThanOrEqual(64);
  });

  it("train --dry-run of a preset that does not exist: every family, for the suggestion", async () => {
    const command = startCommand(["train", "vitgan-tinny", "--dry-run"], here);
    expect(await command.ended).toMatchObject({ code: 2 });
    expect(command.text("stderr")).toMatch(/vitgan-tiny/);
    const other = startCommand(["train", "sagan-tinny", "--dry-run"], here);
    expect(await other.ended).toMatchObject({ code: 2 });
    expect(other.text("stderr")).toMatch(/sagan-tiny/);
  });

  it.each(["plugin.mjs", "plugin.ts"])("share core and its tensors with %s", async (name) => {
    const checks = `
      import { definePlugin } from "@ganymede/core";
      import { defineFamily } from "@ganymede/core/config";
      import * as tf from "@tensorflow/tfjs-core";
      if (typeof tf.add !== "function" || typeof defineFamily !== "function") throw new Error("not loaded");
      // Core registers its gradients when it is imported, in the registry of the one copy of TensorFlow.js.
      if (tf.getGradient("BatchMatMul") === undefined) throw new Error("another copy of TensorFlow.js");
      export default definePlugin({ apiVersion: 1, name: "plugin-of-a-file" });
    `;
    await writeFile(join(here, name), checks);
    const files = await loadedBy("train", "vitgan-tiny", "--dry-run", "--plugin", `./${name}`);
    expect(files.filter((file) => /tf-core|tfjs-core/.test(file)).length).toBe(1);
    const core = files.filter(isOfCore);
    expect(core.filter((file) => !file.includes("/dist/bundle/"))).toEqual([]);
    expect(new Set(core).size).toBe(core.length);
    // A plugin may have what another family has: the command knows all of them.
    expect(packagesOf(files)).toEqual(expect.arrayContaining(["models-transgan", "models-sagan"]));
  });
});
