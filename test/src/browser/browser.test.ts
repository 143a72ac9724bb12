import "@tensorflow/tfjs-backend-cpu";
import { onnxBackend } from "@ganymede/backend-onnx";
import * as tf from "@tensorflow/tfjs-core";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium, startChromium } from "./chromium.js";
import { generate } from "./generate.js";
import type { PageResult } from "./page.js";
import type { OpenPage, Site } from "./site.js";
import { bundleSite, openSite } from "./site.js";
import { type Training, train } from "./train.js";

const executable = findChromium();
const title = executable === undefined ? "skipped: no Chromium; install it or set CHROME_PATH" : "in Chromium";

const worstOf = (ours: readonly number[], expected: readonly number[]): number => {
  expect(ours).toHaveLength(expected.length);
  return Math.max(...expected.map((value, i) => Math.abs(value - ours[i]!)));
};

describe.skipIf(executable === undefined)(title, () => {
  let browser: Browser;
  let site: Site;
  let isolated: OpenPage;
  let plain: OpenPage;
  let images: number[];
  let trained: Training;

  beforeAll(async () => {
    await onnxBackend().activate();
    trained = await train("small", 4, 3);
    await tf.setBackend("cpu");
    images = await generate();
    site = await bundleSite();
    browser = await startChromium(executable!);
    isolated = await openSite(browser, site, { isolated: true });
    plain = await openSite(browser, site, { isolated: false });
  });
  afterAll(() => browser?.close());

  const expectImages = ({ backend, device, images: ours }: PageResult): void => {
    const worst = worstOf(ours, images);
    process.stderr.write(`Chromium, ${backend}, ${device}: worst difference ${worst.toExponential(1)}\n`);
    expect(worst).toBeLessThan(1e-4);
    expect([...isolated.errors, ...plain.errors]).toEqual([]);
  };

  /** The losses of Node's own engine, with as many tensors and bytes after every iteration as after the first. */
  const expectTraining = (ours: Training, backend: string): void => {
    const worst = worstOf(ours.losses, trained.losses);
    const fastest = Math.min(...ours.milliseconds).toFixed(0);
    process.stderr.write(
      `Chromium, ${backend}: worst difference of losses ${worst.toExponential(1)}, fastest iteration ${fastest} ms\n`,
    );
    expect(ours.backend).toBe(backend);
    expect(worst).toBeLessThan(1e-4);
    expect(new Set(ours.tensors).size).toBe(1);
    expect(new Set(ours.bytes.map(([live]) => live)).size).toBe(1);
    expect(new Set(ours.bytes.slice(1).map(([, held]) => held)).size).toBe(1);
  };

  it("loads nothing that is for Node", () => {
    const ours = site.modules.filter((path) => /[\\/](packages|koffi|onnxruntime-node)[\\/]/.test(path));
    expect(ours.some((path) => /backend-onnx[\\/]src[\\/]web[\\/]/.test(path))).toBe(true);
    expect(ours.filter((path) => /koffi|onnxruntime-node|[\\/](native|node)[\\/]|[\\/]node\.ts$/.test(path))).toEqual(
      [],
    );
  });

  it("runs TensorFlow.js's WebGPU engine, or says why it does not", async () => {
    const result = await isolated.call("webgpu");
    if (result.reason === null) expect(result.backend).toBe("webgpu");
    else expect([result.backend, result.reason]).toEqual(["cpu", expect.stringMatching(/WebGPU|GPU/)]);
    expectImages(result);
  });

  it("runs ONNX Runtime on threads where the page is isolated, and trains as in Node", async () => {
    const result = await isolated.call("onnx", { threads: 2 });
    // The page looks for the program's own script and loads it; its second thread loads it again, and nothing of the page.
    const program = isolated.requests.filter((path) => /ort-wasm-simd-threaded-[^/]*\.mjs$/.test(path));
    expect(program.length).toBeGreaterThanOrEqual(2);
    const scripts = isolated.requests.filter((path) => path.endsWith(".js"));
    expect(scripts).toEqual([...new Set(scripts)]);
    expect(result).toMatchObject({ backend: "onnx", reason: null, device: "CPU (WebAssembly), 2 threads" });
    expectImages(result);
    expectTraining(await isolated.call("train", "small", 4, 3), "onnx");
  });

  it("runs it on one thread elsewhere, and says why; its files may come from another place", async () => {
    const result = await plain.call("onnx", { threads: 2, wasmPaths: "/copies/" });
    expect(plain.requests).toContain("/copies/ort-wasm-simd-threaded.wasm");
    const device = "CPU (WebAssembly), 1 thread: the page is not cross-origin isolated";
    expect(result).toMatchObject({ backend: "onnx", reason: null, device });
    expectImages(result);
  });

  it("runs it on WebGPU, or says why not, and trains as in Node", async () => {
    const result = await isolated.call("onnx", { provider: "webgpu" });
    if (result.reason !== null) {
      process.stderr.write(`Chromium, onnx-webgpu: skipped, ${result.reason}\n`);
      expect(result.reason).toMatch(/WebGPU|GPU/);
      return;
    }
    expect(result.backend).toBe("onnx-webgpu");
    expectImages(result);
    expectTraining(await isolated.call("train", "small", 4, 3), "onnx-webgpu");
  });
});
