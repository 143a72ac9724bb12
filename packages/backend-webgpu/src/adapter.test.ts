import { expect, it } from "vitest";
import { adapterName, isSoftware } from "./adapter.js";

const info = (fields: object) => ({ vendor: "", architecture: "", device: "", description: "", ...fields });

it("knows GPUs in software", () => {
  expect(isSoftware(info({ vendor: "google", architecture: "swiftshader" }))).toBe(true);
  expect(isSoftware(info({ vendor: "mesa", description: "llvmpipe (LLVM 15.0.6, 256 bits)" }))).toBe(true);
  expect(isSoftware(info({ description: "Microsoft Basic Render Driver" }))).toBe(true);
  expect(isSoftware(info({ vendor: "nvidia", isFallbackAdapter: true }))).toBe(true);
  expect(isSoftware(info({ vendor: "nvidia", architecture: "hopper", description: "NVIDIA H200" }))).toBe(false);
});

it("names a device by the best that is known of it", () => {
  expect(adapterName(info({ vendor: "nvidia", device: "0x2335", description: "NVIDIA H200" }))).toBe("NVIDIA H200");
  expect(adapterName(info({ vendor: "apple", architecture: "metal-3" }))).toBe("apple metal-3");
  expect(adapterName(info({}))).toBe("unnamed GPU");
});
