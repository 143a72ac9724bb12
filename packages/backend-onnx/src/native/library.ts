import { GanymedeError } from "@ganymede/core";
import koffi from "koffi";
import { findLibrary } from "./find-library.js";
import type { ForeignFunction } from "./foreign-calls.js";
import { callAside, pointerAside, pointerFrom } from "./foreign-calls.js";

/** Paths are wide strings on Windows (`ORTCHAR_T`). */
const pathType = process.platform === "win32" ? "str16" : "str";

/**
 * ONNX Runtime's C API, in the shared library of the npm package onnxruntime-node. Its JavaScript binding
 * copies every output to a new buffer; with the C API tensors are in our own buffers and nothing is copied.
 *
 * `OrtApi` is a struct of function pointers in a fixed order (onnxruntime_c_api.h); entries are identified by index.
 */
const places = {
  GetErrorMessage: [2, "str", ["void *"]],
  CreateSessionFromArray: [8, "void *", ["void *", "void *", "size_t", "void *", "void *"]],
  Run: [9, "void *", ["void *", "void *", "void *", "void *", "size_t", "void *", "size_t", "void *"]],
  CreateSessionOptions: [10, "void *", ["void *"]],
  EnableProfiling: [14, "void *", ["void *", pathType]],
  DisableMemPattern: [17, "void *", ["void *"]],
  SetSessionGraphOptimizationLevel: [23, "void *", ["void *", "int"]],
  CreateTensorAsOrtValue: [48, "void *", ["void *", "void *", "size_t", "int", "void *"]],
  CreateTensorWithDataAsOrtValue: [49, "void *", ["void *", "void *", "size_t", "void *", "size_t", "int", "void *"]],
  CreateMemoryInfo: [68, "void *", ["str", "int", "int", "int", "void *"]],
  CreateCpuMemoryInfo: [69, "void *", ["int", "int", "void *"]],
  GetAllocatorWithDefaultOptions: [78, "void *", ["void *"]],
  ReleaseEnv: [92, "void", ["void *"]],
  ReleaseStatus: [93, "void", ["void *"]],
  ReleaseMemoryInfo: [94, "void", ["void *"]],
  ReleaseSession: [95, "void", ["void *"]],
  ReleaseValue: [96, "void", ["void *"]],
  ReleaseSessionOptions: [100, "void", ["void *"]],
  SessionEndProfiling: [110, "void *", ["void *", "void *", "void *"]],
  CreateEnvWithGlobalThreadPools: [119, "void *", ["int", "str", "void *", "void *"]],
  DisablePerSessionThreads: [120, "void *", ["void *"]],
  CreateThreadingOptions: [121, "void *", ["void *"]],
  GetAvailableProviders: [125, "void *", ["void *", "void *"]],
  ReleaseAvailableProviders: [126, "void *", ["void *", "int"]],
  AddSessionConfigEntry: [130, "void *", ["void *", "str", "str"]],
  CreateAllocator: [131, "void *", ["void *", "void *", "void *"]],
  ReleaseAllocator: [132, "void", ["void *"]],
  CreateAndRegisterAllocator: [144, "void *", ["void *", "void *", "void *"]],
  SetGlobalIntraOpNumThreads: [147, "void *", ["void *", "int"]],
  SetGlobalInterOpNumThreads: [148, "void *", ["void *", "int"]],
  SetGlobalSpinControl: [149, "void *", ["void *", "int"]],
  SetGlobalDenormalAsZero: [155, "void *", ["void *"]],
  SessionOptionsAppendExecutionProvider: [216, "void *", ["void *", "str", "void *", "void *", "size_t"]],
} as const;

/** Requested API version: every entry above has existed since long before. */
const apiVersion = 17;

type EntryName = keyof typeof places;
type Pointer = bigint;
type Argument = number | bigint | string | null | ArrayBufferView;

/** Calls entries of the API; a failed status becomes an error. */
export interface OrtLibrary {
  readonly version: string;
  call(entry: EntryName, ...args: Argument[]): void;
  callAsync(entry: EntryName, ...args: Argument[]): Promise<void>;
  /** Calls an entry whose last argument receives a pointer. */
  create(entry: EntryName, ...args: Argument[]): Pointer;
  /** The same on another thread; the caller keeps the arguments alive. */
  createAsync(entry: EntryName, ...args: Argument[]): Promise<Pointer>;
  release(entry: Extract<EntryName, `Release${string}`>, pointer: Pointer): void;
  /** Names of the execution providers in this build of the library. */
  providers(): readonly string[];
  /** Adds the first CUDA device to a session; older than the generic entry, it is a separate function. */
  appendCuda(sessionOptions: Pointer): void;
}

type Entry = ForeignFunction<Argument>;

let opened: OrtLibrary | undefined;
// Kept for the life of the process: koffi unloads a library whose handle is collected, and function pointers do not keep it alive.
const handles: unknown[] = [];

/**
 * Opens the library once per process.
 *
 * @throws GanymedeError `unavailable` if the library does not load or is too old.
 */
export async function openLibrary(): Promise<OrtLibrary> {
  if (opened !== undefined) return opened;
  const found = await findLibrary();
  if ("reason" in found) throw new GanymedeError("unavailable", `onnx backend: ${found.reason}`);
  const library = koffi.load(found.path);
  handles.push(library);
  const base = koffi.decode(library.func("void *OrtGetApiBase()")(), koffi.array("void *", 2)) as Pointer[];
  const api = koffi.call(base[0], koffi.proto("void *", ["uint32_t"]), apiVersion) as Pointer | null;
  const version = koffi.call(base[1], koffi.proto("str", [])) as string;
  if (api === null) {
    throw new GanymedeError(
      "unavailable",
      `onnx backend: ONNX Runtime must offer C API ${apiVersion}, got version ${version}`,
    );
  }
  opened = bindEntries(api, version, library);
  return opened;
}

/** One more than the last index above. */
const tableLength = 217;

function bindEntries(api: Pointer, version: string, library: ReturnType<typeof koffi.load>): OrtLibrary {
  const table = koffi.decode(api, koffi.array("void *", tableLength)) as Pointer[];
  const entries = new Map<EntryName, Entry>();
  for (const [name, [place, result, parameters]] of Object.entries(places)) {
    entries.set(name as EntryName, koffi.decode(table[place]!, koffi.proto(result, [...parameters])) as Entry);
  }
  const entry = (name: EntryName): Entry => entries.get(name)!;
  const check = (name: string, status: unknown): void => {
    if (status === null || status === undefined || status === 0n) return;
    const message = String(entry("GetErrorMessage")(status as Pointer));
    entry("ReleaseStatus")(status as Pointer);
    throw new GanymedeError("unsupported", `onnx backend: ONNX Runtime's ${name} failed: ${message}`);
  };
  return {
    version,
    call: (name, ...args) => check(name, entry(name)(...args)),
    callAsync: (name, ...args) => callAside(entry(name), args, (status) => check(name, status)),
    create: (name, ...args) => pointerFrom(entry(name), args, (status) => check(name, status)),
    createAsync: (name, ...args) => pointerAside(entry(name), args, (status) => check(name, status)),
    release: (name, pointer) => void entry(name)(pointer),
    providers() {
      const [list, count] = [new BigUint64Array(1), new Int32Array(1)];
      check("GetAvailableProviders", entry("GetAvailableProviders")(list, count));
      const names = koffi.decode(list[0]!, koffi.array("str", count[0]!)) as string[];
      check("ReleaseAvailableProviders", entry("ReleaseAvailableProviders")(list[0]!, count[0]!));
      return names;
    },
    appendCuda(sessionOptions) {
      const name = "OrtSessionOptionsAppendExecutionProvider_CUDA";
      check(name, library.func(name, "void *", ["void *", "int"])(sessionOptions, 0));
    },
  };
}
