import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { root } from "../workspace/packages.js";

const require = createRequire(import.meta.url);
const folderOf = (name: string): string => dirname(require.resolve(`${name}/package.json`));

/**
 * Bundles the worker with tfjs-core's specs. They are published as ES modules without file extensions, which Node cannot
 * load as they stand; bundled, specs and backends share the one copy of tfjs-core that is in the bundle.
 *
 * @returns the path of the worker, inside the backend's node_modules, from where its native libraries are found.
 */
export async function bundleWorker(): Promise<string> {
  const folder = join(root, "packages/backend-onnx/node_modules/.cache/tfjs-specs");
  await mkdir(folder, { recursive: true });
  const core = folderOf("@tensorflow/tfjs-core");
  const jasmine = folderOf("jasmine-core");
  const bundle = await rolldown({
    input: { worker: join(dirname(fileURLToPath(import.meta.url)), `worker${extname(import.meta.url)}`) },
    platform: "node",
    external: ["koffi", "onnxruntime-node"],
    // The packages say of most of their files that they have no side effects, the specs among them.
    treeshake: false,
    resolve: {
      conditionNames: ["@ganymede/source", "node", "import", "module", "default"],
      alias: {
        "@tensorflow/tfjs-core/dist": join(core, "dist"),
        "@tensorflow/tfjs-core": join(core, "dist/index.js"),
        "@tensorflow/tfjs-backend-cpu": join(folderOf("@tensorflow/tfjs-backend-cpu"), "dist/index.js"),
        "jasmine-core": jasmine,
      },
    },
    logLevel: "silent",
  });
  await bundle.write({ dir: folder, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" });
  await bundle.close();
  return join(folder, "worker.mjs");
}

export const jasminePath = join(folderOf("jasmine-core"), "lib/jasmine-core.js");
