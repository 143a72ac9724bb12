import { mkdir, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { locate } from "./locate.js";

let folder: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "ganymede-locate-")));
});
afterEach(() => rm(folder, { recursive: true }));

async function install(name: string, files: readonly string[] = []): Promise<string> {
  const place = join(folder, "node_modules", name);
  for (const file of ["package.json", "index.js", ...files]) {
    await mkdir(join(place, file, ".."), { recursive: true });
    await writeFile(join(place, file), file === "package.json" ? "{}" : "");
  }
  return place;
}

const find = () => locate([folder], join(folder, "node_modules/@tensorflow/tfjs-core/index.js"));

it("says what to type where nothing is installed", () => {
  const core = createRequire(import.meta.url).resolve("@tensorflow/tfjs-core");
  expect(locate([folder], core)).toEqual({ reason: expect.stringMatching(/run npm install @tensorflow\/tfjs-node/) });
});

it("says so where the installation script did not run", async () => {
  await install("@tensorflow/tfjs-node");
  expect(find()).toEqual({
    reason: expect.stringMatching(/no compiled binding .* run npm rebuild @tensorflow\/tfjs-node/),
  });
});

it("refuses a second copy of tfjs-core", async () => {
  await install("@tensorflow/tfjs-node", [
    "lib/napi-v8/tfjs_binding.node",
    "node_modules/@tensorflow/tfjs-core/index.js",
  ]);
  await install("@tensorflow/tfjs-core");
  expect(find()).toEqual({ reason: expect.stringMatching(/own copy of tfjs-core/) });
});

it("takes the one for GPUs first, and the newest binding", async () => {
  await install("@tensorflow/tfjs-core");
  await install("@tensorflow/tfjs-node", ["lib/napi-v8/tfjs_binding.node"]);
  const bindings = ["lib/napi-v9/tfjs_binding.node", "lib/napi-v10/tfjs_binding.node"];
  const place = await install("@tensorflow/tfjs-node-gpu", bindings);
  expect(find()).toEqual({ gpu: true, main: place, binding: join(place, "lib/napi-v10/tfjs_binding.node") });
});
