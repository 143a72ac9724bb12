import { GanymedeError } from "@ganymede/core";
import type { DataId, KernelBackend, TypedArray } from "@tensorflow/tfjs-core";

/** The parts of WebGPU's `GPUDevice` that report errors. */
interface Device {
  addEventListener(
    type: "uncapturederror",
    listener: (event: { readonly error: { readonly message: string } }) => void,
  ): void;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
}

/** The patched parts of TensorFlow.js's backend. */
export type WebgpuEngine = KernelBackend & {
  readonly device: Device;
  readonly tensorMap: { get(dataId: DataId): { readonly values?: TypedArray | null } };
};

/** Allows synchronous reads only of values on the host, because outside browsers nothing can wait for a GPU. */
export function refuseToWait(backend: WebgpuEngine): void {
  backend.readSync = (dataId) => {
    const { values } = backend.tensorMap.get(dataId);
    if (values != null) return values;
    throw new GanymedeError(
      "unsupported",
      "webgpu backend: outside browsers a result on the GPU must be read with data(), got dataSync(); await data() instead",
    );
  };
}

/**
 * WebGPU reports errors asynchronously, and a failed command leaves zeros. Makes the next read of a tensor throw an error that happened
 * since the last one; after a lost device, every read does.
 */
export function reportErrors(backend: WebgpuEngine): void {
  let failure: GanymedeError | undefined;
  let lost = false;
  const fail = (what: string): void => {
    failure ??= new GanymedeError("unavailable", `webgpu backend: ${what}; use smaller shapes, or --backend onnx`);
  };
  backend.device.addEventListener("uncapturederror", ({ error }) =>
    fail(`the GPU failed to run a command (${error.message})`),
  );
  backend.device.lost.then(({ reason, message }) => {
    if (reason === "destroyed") return;
    lost = true;
    fail(`the GPU device was lost (${message})`);
  });
  const read = backend.read.bind(backend);
  backend.read = async (dataId: DataId) => {
    const values = await read(dataId);
    const thrown = failure;
    if (!lost) failure = undefined;
    if (thrown !== undefined) throw thrown;
    return values;
  };
}
