import "@tensorflow/tfjs-backend-cpu";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import { expect, it } from "vitest";
import { root } from "../workspace/packages.js";
import { engines } from "./engines.js";

/** Kernels that only a backend beside those of this test has. */
const elsewhere = ["FromPixels", "LogicalXor", "StaticRegexReplace"];

it.for(["webgpu", "wasm", "tensorflow"])("docs/backends.md names the kernels that %s lacks", async (id, { skip }) => {
  for (const engine of engines().filter((each) => each.id === id)) {
    const reason = await engine.unavailable();
    if (reason !== null) skip(reason);
    await engine.activate();
  }
  const of = (backend: string) => tf.getKernelsForBackend(backend).map(({ kernelName }) => kernelName);
  const own = new Set(of(id));
  const missing = [...new Set([...of("cpu"), ...elsewhere])].filter((name) => !own.has(name)).sort();
  const page = readFileSync(join(root, "docs", "backends.md"), "utf8");
  const [, section] = page.split("## Missing kernels");
  const [, listed] = new RegExp(`\`${id}\` +\\| ([^|]*) \\|`).exec(section!)!;
  expect(listed!.trim().split(" ")).toEqual(missing);
});
