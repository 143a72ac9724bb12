import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import { readGoldenFile } from "./golden-file.js";
import { runGoldenFile } from "./run-file.js";

const folder = process.env.GANYMEDE_GOLDEN ?? resolve(import.meta.dirname, "../../../../shared/golden");
const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".safetensors")) : [];

beforeAll(() => tf.setBackend("cpu"));

describe.skipIf(names.length === 0)("reference numbers", () => {
  test.each(names)("%s", async (name) => {
    const result = await runGoldenFile(readGoldenFile(join(folder, name)));
    expect(result.status, result.detail).not.toBe("FAIL");
  });
});
