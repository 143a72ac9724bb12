import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Backend } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { keepGradients } from "./keep-gradients.js";
import { type Installation, locate } from "./locate.js";
import { mendUtil } from "./mend-util.js";

const require = createRequire(import.meta.url);

/** The part of tfjs-node's binding that describes its device. */
interface Binding {
  readonly TF_Version: string;
  isUsingGpuDevice(): boolean;
}

/** Options of `tensorflowBackend`. */
export interface TensorflowBackendOptions {
  /**
   * Folder from which tfjs-node is resolved, like a package by `require`. Default: $GANYMEDE_TENSORFLOW, else the working
   * directory and this package's own folder.
   */
  readonly folder?: string;
}

/**
 * TensorFlow's native engine through `@tensorflow/tfjs-node-gpu` or `@tensorflow/tfjs-node`, if one of them is installed: eager,
 * on the CPU or with CUDA. Functions that newer Node versions have removed are restored before it loads.
 */
export function tensorflowBackend({ folder }: TensorflowBackendOptions = {}): Backend {
  const named = folder ?? process.env.GANYMEDE_TENSORFLOW;
  const folders = named === undefined ? [process.cwd(), dirname(fileURLToPath(import.meta.url))] : [named];
  const find = (): Installation | { readonly reason: string } =>
    locate(folders, require.resolve("@tensorflow/tfjs-core"));
  const found = find();
  return {
    id: "tensorflow",
    device: "CPU or CUDA",
    priority: "gpu" in found && found.gpu ? 70 : 30,
    compiled: false,
    async unavailable() {
      const installed = find();
      return "reason" in installed ? installed.reason : loadBinding(installed).reason;
    },
    async inspect() {
      const { binding, gpu } = working(find());
      const cuda = binding.isUsingGpuDevice();
      const name = `${cuda ? "CUDA GPU" : "CPU"}, libtensorflow ${binding.TF_Version}`;
      return { name, autoSkipReason: gpu && !cuda ? "tfjs-node-gpu found no CUDA device" : null };
    },
    async activate() {
      if (tf.findBackendFactory("tensorflow") == null) load(working(find()));
      if (!(await tf.setBackend("tensorflow"))) {
        throw new GanymedeError("unavailable", "tensorflow backend: tfjs-node did not start; reinstall it");
      }
    },
  };
}

type Loaded = { readonly binding: Binding; readonly reason: null } | { readonly reason: string };

/** Loads libtensorflow alone, without registering in TensorFlow.js. */
function loadBinding({ binding, main }: Installation): Loaded {
  // oneDNN ends the process on memory that JavaScript allocated ("could not set native handle"), and is no faster there.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= "0";
  try {
    return { binding: require(binding) as Binding, reason: null };
  } catch (error) {
    return { reason: `the binding in ${main} does not load (${(error as Error).message}); reinstall it` };
  }
}

function working(found: Installation | { readonly reason: string }): {
  readonly binding: Binding;
  readonly gpu: boolean;
  readonly main: string;
} {
  const loaded = "reason" in found ? found : loadBinding(found);
  if ("binding" in loaded && "main" in found) return { binding: loaded.binding, gpu: found.gpu, main: found.main };
  throw new GanymedeError("unavailable", `tensorflow backend: ${loaded.reason}`);
}

/** tfjs-node makes itself the current backend when it loads. */
function load({ main }: { readonly main: string }): void {
  mendUtil();
  keepGradients(() => require(main));
}
