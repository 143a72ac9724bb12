import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createContext, Script } from "node:vm";
import { rolldown } from "rolldown";
import type { Derivatives } from "./evaluate.js";

/**
 * Every case in float64: TensorFlow.js's reference engine and core's gradients, bundled, in a world of its own where each
 * Float32Array that they make is a Float64Array.
 */
export async function reference(): Promise<readonly Derivatives[]> {
  const here = fileURLToPath(import.meta.url);
  const bundle = await rolldown({
    input: join(dirname(here), `reference-page${extname(here)}`),
    platform: "browser",
    resolve: { conditionNames: ["@ganymede/source", "browser", "import", "module", "default"] },
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "iife", name: "page", codeSplitting: false });
  const world = createContext({
    document: {},
    performance,
    TextEncoder,
    TextDecoder,
    setTimeout,
    clearTimeout,
    console,
  });
  const run = (code: string): unknown => new Script(code).runInContext(world);
  run("var window = globalThis, self = globalThis; Float32Array = Float64Array;");
  run(output[0].code);
  return JSON.parse((await run("page.evaluateAll()")) as string) as Derivatives[];
}
