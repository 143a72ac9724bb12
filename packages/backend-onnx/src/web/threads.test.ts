import { expect, it } from "vitest";
import { webThreads } from "./threads.js";

const navigator = { hardwareConcurrency: 8 };

it("takes the cores of an isolated page, or what is asked for", () => {
  const page = { crossOriginIsolated: true, navigator };
  expect(webThreads(undefined, page)).toEqual({ threads: 8, device: "CPU (WebAssembly), 8 threads" });
  expect(webThreads(2, page).threads).toBe(2);
});

it("takes one elsewhere, and says why", () => {
  const why = "CPU (WebAssembly), 1 thread: the page is not cross-origin isolated";
  expect(webThreads(undefined, { navigator })).toEqual({ threads: 1, device: why });
  expect(webThreads(4, { crossOriginIsolated: false })).toEqual({ threads: 1, device: why });
  expect(webThreads(1, { navigator }).device).toBe("CPU (WebAssembly), 1 thread");
});
