import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { findLibrary } from "@ganymede/backend-openvino";
import { beforeAll, describe, expect, test } from "vitest";
import { onlyCompiled, startBackend } from "./backends.js";
import { readGoldenFile } from "./golden-file.js";
import { adapters } from "./modules/index.js";
import { runGoldenFile } from "./run-file.js";

const { GANYMEDE_GOLDEN: folder = resolve(import.meta.dirname, "../../../../shared/golden") } = process.env;
const files = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith(".safetensors"))
      .map((name) => readGoldenFile(join(folder, name)))
      .filter(({ module }) => adapters[module] !== undefined)
  : [];

const openvino = "path" in (await findLibrary());

describe.skipIf(files.length === 0)("reference numbers", () => {
  describe.each(["cpu", "onnx", ...(openvino ? ["openvino"] : [])])("on %s", (backend) => {
    beforeAll(() => startBackend(backend));

    test.each(files.map((file) => [file.name, file] as const))("%s", async (_, file) => {
      const result = await runGoldenFile(file, onlyCompiled.has(backend));
      expect(result.status, result.detail).toBe("ok");
    });
  });
});
