import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import type { Browser } from "playwright-core";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium, startChromium } from "./chromium.js";
import { generate } from "./generate.js";
import type { PageResult } from "./page.js";

const executable = findChromium();
const title = executable === undefined ? "skipped: no Chromium; install it or set CHROME_PATH" : "in Chromium";

/** The page's script: our packages with everything that they need, for a browser. */
async function bundlePage(): Promise<string> {
  const bundle = await rolldown({
    input: join(dirname(fileURLToPath(import.meta.url)), "page.ts"),
    platform: "browser",
    resolve: { conditionNames: ["@ganymede/source", "browser", "import", "module", "default"] },
    logLevel: "silent",
  });
  const { output } = await bundle.generate({ format: "iife", name: "page", codeSplitting: false });
  expect(output.flatMap((item) => (item.type === "chunk" ? item.imports : []))).toEqual([]);
  return output[0].code;
}

describe.skipIf(executable === undefined)(title, () => {
  let browser: Browser;
  let result: PageResult;
  const errors: string[] = [];

  beforeAll(async () => {
    const script = await bundlePage();
    browser = await startChromium(executable!);
    const page = await browser.newPage();
    page.on("pageerror", (error) => errors.push(error.message));
    // WebGPU is there for secure pages only, and localhost counts as one; nothing listens there.
    await page.route("**/*", (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>page</title>" }),
    );
    await page.goto("http://localhost/");
    await page.addScriptTag({ content: script });
    result = (await page.evaluate("page.run()")) as PageResult;
  });
  afterAll(() => browser?.close());

  it("runs on WebGPU, or says why it does not", () => {
    expect(errors).toEqual([]);
    if (result.reason === null) expect(result.backend).toBe("webgpu");
    else expect([result.backend, result.reason]).toEqual(["cpu", expect.stringMatching(/WebGPU|GPU/)]);
  });

  it("generates the images that Node generates on the reference engine", async () => {
    await tf.setBackend("cpu");
    const expected = await generate();
    expect(result.images).toHaveLength(expected.length);
    const worst = Math.max(...expected.map((value, i) => Math.abs(value - result.images[i]!)));
    process.stderr.write(`Chromium, ${result.backend}, ${result.device}: worst difference ${worst.toExponential(1)}\n`);
    expect(worst).toBeLessThan(1e-4);
  });
});
