import { GanymedeError } from "@ganymede/core";
import type { GpuDevice } from "./gpu.js";

/**
 * WebGPU reports errors asynchronously, and a failed command leaves zeros.
 *
 * @returns a function that throws an error that happened since its last call; after a lost device, always.
 */
export function watchDevice(device: Pick<GpuDevice, "addEventListener" | "lost">): () => void {
  let failure: GanymedeError | undefined;
  let lost = false;
  const fail = (what: string): void => {
    failure ??= new GanymedeError("unavailable", `onnx-webgpu backend: ${what}; use smaller shapes, or onnxBackend()`);
  };
  device.addEventListener("uncapturederror", ({ error }) => fail(`the GPU failed to run a command (${error.message})`));
  device.lost.then(({ reason, message }) => {
    if (reason === "destroyed") return;
    lost = true;
    fail(`the GPU device was lost (${message})`);
  });
  return () => {
    const thrown = failure;
    if (!lost) failure = undefined;
    if (thrown !== undefined) throw thrown;
  };
}
