import { GanymedeError } from "@ganymede/core";
import type { GpuDevice } from "./gpu.js";

/**
 * WebGPU reports errors beside the program, and a command that failed leaves zeros behind.
 *
 * @returns a function that throws what went wrong since it was last called; from the loss of the device on, each time.
 */
export function watchDevice(device: Pick<GpuDevice, "addEventListener" | "lost">): () => void {
  let failure: GanymedeError | undefined;
  let lost = false;
  const fail = (what: string): void => {
    failure ??= new GanymedeError("unavailable", `onnx-webgpu backend: ${what}; use smaller shapes, or onnxBackend()`);
  };
  device.addEventListener("uncapturederror", ({ error }) =>
    fail(`the GPU must run every command, got ${error.message}`),
  );
  device.lost.then(({ reason, message }) => {
    if (reason === "destroyed") return;
    lost = true;
    fail(`the GPU must stay, got a lost device (${message})`);
  });
  return () => {
    const thrown = failure;
    if (!lost) failure = undefined;
    if (thrown !== undefined) throw thrown;
  };
}
