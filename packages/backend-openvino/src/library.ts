import type { ForeignFunction } from "@ganymede/backend-onnx/engine";
import { callAside, pointerFrom } from "@ganymede/backend-onnx/engine";
import { GanymedeError } from "@ganymede/core";
import koffi from "koffi";

export type Pointer = bigint;

type Argument =
  | number
  | bigint
  | string
  | null
  | ArrayBufferView
  | { readonly rank: number; readonly dims: BigInt64Array };

/** `ov_shape_t`, which goes by value. */
const shapeType = koffi.struct({ rank: "int64_t", dims: "int64_t *" });

/** Functions of OpenVINO's C API (openvino/c/*.h), by name; a result that is not 0 is a failure. */
const signatures = {
  ov_get_openvino_version: ["void *"],
  ov_core_create: ["void *"],
  ov_core_read_model_from_memory_buffer: ["void *", "void *", "size_t", "void *", "void *"],
  ov_core_compile_model_props: ["void *", "void *", "str", "size_t", "void *", "void *"],
  ov_compiled_model_create_infer_request: ["void *", "void *"],
  ov_infer_request_set_input_tensor_by_index: ["void *", "size_t", "void *"],
  ov_infer_request_set_output_tensor_by_index: ["void *", "size_t", "void *"],
  ov_infer_request_infer: ["void *"],
  ov_infer_request_get_profiling_info: ["void *", "void *"],
  ov_tensor_create_from_host_ptr: ["int", shapeType, "void *", "void *"],
} as const;

const releases = [
  "ov_version_free",
  "ov_core_free",
  "ov_model_free",
  "ov_compiled_model_free",
  "ov_infer_request_free",
  "ov_profiling_info_list_free",
  "ov_tensor_free",
] as const;

/** The oldest version that our numbers are checked with. */
const oldest = [2026, 4] as const;

type Name = keyof typeof signatures;

/** OpenVINO's C library. */
export interface OpenvinoLibrary {
  /** As it says itself: `2026.4.1-22982-...`. */
  readonly version: string;
  /** @throws GanymedeError `unsupported` with the engine's own words. */
  call(name: Name, ...args: Argument[]): void;
  /** The same on another thread. */
  callAsync(name: Name, ...args: Argument[]): Promise<void>;
  /** Calls a function whose last argument receives a pointer. */
  create(name: Name, ...args: Argument[]): Pointer;
  release(name: (typeof releases)[number], pointer: Pointer | BigUint64Array): void;
}

type Entry = ForeignFunction<Argument>;

const opened = new Map<string, OpenvinoLibrary>();
// Held for the life of the process: koffi unloads a library whose handle is garbage, and functions do not count.
const handles: unknown[] = [];

/**
 * Opens the library, once per process and path.
 *
 * @throws GanymedeError `unavailable` if it does not load, lacks a function or is older than 2026.4.
 */
export function openLibrary(path: string): OpenvinoLibrary {
  const known = opened.get(path);
  if (known !== undefined) return known;
  let library: OpenvinoLibrary;
  try {
    library = bind(path);
  } catch (cause) {
    const why = (cause instanceof Error ? cause.message : String(cause)).replace(/\s+/g, " ").trim();
    throw new GanymedeError(
      "unavailable",
      `openvino backend: ${path} must be OpenVINO's C library, 2026.4 or later, but does not load (${why}); type \`pip install openvino==2026.4.1\` and name its folder openvino/libs in $GANYMEDE_OPENVINO`,
      { cause },
    );
  }
  opened.set(path, library);
  return library;
}

/** Whether a version such as `2026.4.1-22982` is at least the oldest. */
export function isRecent(version: string): boolean {
  const [year = 0, release = 0] = version.split(/[.-]/).map(Number);
  return year > oldest[0] || (year === oldest[0] && release >= oldest[1]);
}

function bind(path: string): OpenvinoLibrary {
  const handle = koffi.load(path);
  handles.push(handle);
  const entries = new Map(
    Object.entries(signatures).map(([name, types]) => [
      name as Name,
      handle.func(name, "int", [...types]) as unknown as Entry,
    ]),
  );
  const ends = new Map(releases.map((name) => [name, handle.func(name, "void", ["void *"])]));
  const lastError: () => Pointer | null = handle.func("ov_get_last_err_msg", "void *", []);
  const freeString: (text: Pointer) => void = handle.func("ov_free", "void", ["void *"]);
  const check = (name: Name, status: unknown): void => {
    if (status === 0) return;
    const text = lastError();
    const message = text === null ? "" : String(koffi.decode(text, "char", -1));
    if (text !== null) freeString(text);
    throw new GanymedeError(
      "unsupported",
      `openvino backend: OpenVINO's ${name} failed with status ${status}: ${message.replace(/\s+/g, " ").trim()}`,
    );
  };
  const entry = (name: Name): Entry => entries.get(name)!;
  const call: OpenvinoLibrary["call"] = (name, ...args) => check(name, entry(name)(...args));
  // ov_version_t: two strings.
  const record = new BigUint64Array(2);
  call("ov_get_openvino_version", record);
  const version = String(koffi.decode(record[0]!, "char", -1));
  ends.get("ov_version_free")!(record);
  if (!isRecent(version)) throw new Error(`it is version ${version}`);
  return {
    version,
    call,
    callAsync: (name, ...args) => callAside(entry(name), args, (status) => check(name, status)),
    create: (name, ...args) => pointerFrom(entry(name), args, (status) => check(name, status)),
    release: (name, pointer) => ends.get(name)!(pointer),
  };
}
