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
  ov_core_create: ["void *"],
  ov_core_read_model_from_memory_buffer: ["void *", "void *", "size_t", "void *", "void *"],
  ov_core_compile_model_props: ["void *", "void *", "str", "size_t", "void *", "void *"],
  ov_compiled_model_create_infer_request: ["void *", "void *"],
  ov_infer_request_set_input_tensor_by_index: ["void *", "size_t", "void *"],
  ov_infer_request_set_output_tensor_by_index: ["void *", "size_t", "void *"],
  ov_infer_request_infer: ["void *"],
  ov_tensor_create_from_host_ptr: ["int", shapeType, "void *", "void *"],
} as const;

const releases = [
  "ov_core_free",
  "ov_model_free",
  "ov_compiled_model_free",
  "ov_infer_request_free",
  "ov_tensor_free",
] as const;

type Name = keyof typeof signatures;

/** OpenVINO's C library. */
export interface OpenvinoLibrary {
  /** @throws GanymedeError `unsupported` with the engine's own words. */
  call(name: Name, ...args: Argument[]): void;
  /** The same on another thread. */
  callAsync(name: Name, ...args: Argument[]): Promise<void>;
  /** Calls a function whose last argument receives a pointer. */
  create(name: Name, ...args: Argument[]): Pointer;
  release(name: (typeof releases)[number], pointer: Pointer): void;
}

interface Entry {
  (...args: Argument[]): number;
  async(...args: [...Argument[], (error: unknown, status: number) => void]): void;
}

/**
 * Opens the library.
 *
 * @throws GanymedeError `unavailable` if it does not load or lacks a function, which means that it is older than 2026.4.
 */
export function openLibrary(path: string): OpenvinoLibrary {
  let entries: ReadonlyMap<Name, Entry>;
  let lastError: () => Pointer | null;
  let freeString: (text: Pointer) => void;
  const ends = new Map<string, (pointer: Pointer) => void>();
  try {
    const library = koffi.load(path);
    entries = new Map(
      Object.entries(signatures).map(([name, types]) => [
        name as Name,
        library.func(name, "int", [...types]) as unknown as Entry,
      ]),
    );
    for (const name of releases) ends.set(name, library.func(name, "void", ["void *"]));
    lastError = library.func("ov_get_last_err_msg", "void *", []);
    freeString = library.func("ov_free", "void", ["void *"]);
  } catch (cause) {
    throw new GanymedeError(
      "unavailable",
      `openvino backend: the library ${path} must be OpenVINO's C library, 2026.4 or later, but does not load (${cause instanceof Error ? cause.message : String(cause)}); install a newer one with pip install openvino`,
      { cause },
    );
  }
  const check = (name: Name, status: number): void => {
    if (status === 0) return;
    const text = lastError();
    const message = text === null ? "" : String(koffi.decode(text, "char", -1));
    if (text !== null) freeString(text);
    throw new GanymedeError(
      "unsupported",
      `openvino backend: OpenVINO's ${name} failed with status ${status}: ${message.replace(/\s+/g, " ").trim()}`,
    );
  };
  const entry = (name: Name): Entry => entries.get(name) as Entry;
  return {
    call: (name, ...args) => check(name, entry(name)(...args)),
    callAsync: (name, ...args) =>
      new Promise((resolve, reject) => {
        entry(name).async(...args, (error, status) => {
          try {
            if (error) throw error;
            check(name, status);
            resolve();
          } catch (failure) {
            reject(failure);
          }
        });
      }),
    create(name, ...args) {
      const out = new BigUint64Array(1);
      check(name, entry(name)(...args, out));
      return out[0] as Pointer;
    },
    release: (name, pointer) => ends.get(name)?.(pointer),
  };
}
