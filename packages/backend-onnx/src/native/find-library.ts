import { readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const fileName: Partial<Record<NodeJS.Platform, RegExp>> = {
  linux: /^libonnxruntime\.so/,
  darwin: /^libonnxruntime\..*dylib$/,
  win32: /^onnxruntime\.dll$/,
};

/** Path of the shared library in onnxruntime-node, or why there is none. */
export async function findLibrary(): Promise<{ readonly path: string } | { readonly reason: string }> {
  const require = createRequire(import.meta.url);
  const pattern = fileName[process.platform];
  let root: string;
  try {
    root = dirname(require.resolve("onnxruntime-node/package.json"));
  } catch {
    return { reason: "the package onnxruntime-node is not installed; run `npm install onnxruntime-node`" };
  }
  const folder = join(root, "bin", "napi-v6", process.platform, process.arch);
  const files = await readdir(folder).catch(() => []);
  const file = pattern === undefined ? undefined : files.find((name) => pattern.test(name));
  if (file === undefined) {
    return {
      reason: `onnxruntime-node has no library for ${process.platform}-${process.arch}; use --backend wasm`,
    };
  }
  return { path: join(folder, file) };
}
