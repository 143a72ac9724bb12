import { expect, it } from "vitest";
import { deviceOf } from "./adapter.js";

const none = { vendor: "", architecture: "", device: "", description: "" };

it("names the GPU by the best that is told", () => {
  expect(deviceOf({ ...none, vendor: "nvidia", architecture: "hopper" })).toEqual({
    name: "nvidia hopper",
    autoSkipReason: null,
  });
  expect(deviceOf({ ...none, vendor: "apple", description: "Apple M3" }).name).toBe("Apple M3");
  expect(deviceOf(none).name).toBe("unnamed GPU");
});

it("leaves GPUs in software to those who name them", () => {
  const found = deviceOf({ ...none, vendor: "google", architecture: "swiftshader" });
  expect(found).toEqual({
    name: "google swiftshader, a GPU in software",
    autoSkipReason: expect.stringMatching(/in software/),
  });
  expect(deviceOf({ ...none, isFallbackAdapter: true }).autoSkipReason).not.toBeNull();
});
