import { GanymedeError } from "@ganymede/core";
import type { DataId, KernelBackend, TypedArray } from "@tensorflow/tfjs-core";

/** The parts of WebGPU's `GPUDevice` that tell what went wrong. */
interface Device {
  addEventListener(
    type: "uncapturederror",
    listener: (event: { readonly error: { readonly message: string } }) => void,
  ): void;
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
}

/** TensorFlow.js's engine, as far as it is mended here. */
export type WebgpuEngine = KernelBackend & {
  readonly device: Device;
  readonly tensorMap: { get(dataId: DataId): { readonly values?: TypedArray | null } };
};

/** Reads what is still on the host, and says of the rest what to do: outside browsers nothing waits for a GPU. */
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
 * WebGPU reports errors beside the program, and a command that failed leaves zeros behind. Here the next read of a tensor throws
 * what happened since the last one; from the loss of the device on, every read does.
 */
export function reportErrors(backend: WebgpuEngine): void {
  let failure: GanymedeError | undefined;
  let lost = false;
  const fail = (what: string): void => {
    failure ??= new GanymedeError("unavailable", `webgpu backend: ${what}; use smaller shapes, or --backend onnx`);
  };
  backend.device.addEventListener("uncapturederror", ({ error }) =>
    fail(`the GPU must run every command, got ${error.message}`),
  );
  backend.device.lost.then(({ reason, message }) => {
    if (reason === "destroyed") return;
    lost = true;
    fail(`the GPU must stay, got a lost device (${message})`);
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
