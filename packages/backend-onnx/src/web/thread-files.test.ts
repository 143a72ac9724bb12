import { expect, it } from "vitest";
import { threadFiles } from "./thread-files.js";

const answer = (ok: boolean, type: string) => async () => ({ ok, headers: new Map([["content-type", type]]) as never });

it("gives the files where a script is, and else none", async () => {
  const found = await threadFiles("cpu", answer(true, "text/javascript"));
  expect(found?.mjs).toMatch(/onnxruntime-web\/ort-wasm-simd-threaded\.mjs$/);
  expect(found?.wasm).toMatch(/onnxruntime-web\/ort-wasm-simd-threaded\.wasm$/);
  expect(await threadFiles("webgpu", answer(true, "text/html"))).toBeNull();
  expect(await threadFiles("cpu", answer(false, "text/javascript"))).toBeNull();
  expect(await threadFiles("cpu", () => Promise.reject(new TypeError("no such scheme")))).toBeNull();
});
