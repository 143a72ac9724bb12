import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const fileName: Partial<Record<NodeJS.Platform, RegExp>> = {
  linux: /^libopenvino_c\.so(\.\d+)?$/,
  darwin: /^libopenvino_c(\.\d+)*\.dylib$/,
  win32: /^openvino_c\.dll$/,
};

export type FoundLibrary = { readonly path: string } | { readonly reason: string };

const advice =
  "type `pip install openvino` (2026.4 or later) and name its Python in $GANYMEDE_PYTHON, or the library in $GANYMEDE_OPENVINO";

/** The C library in a folder, or null; of several versions the longest name, which is the most exact. */
async function libraryIn(folder: string): Promise<string | null> {
  const pattern = fileName[process.platform];
  const names =
    pattern === undefined ? [] : (await readdir(folder).catch(() => [])).filter((name) => pattern.test(name));
  const [name] = names.sort((a, b) => b.length - a.length);
  return name === undefined ? null : join(folder, name);
}

/** Folder of the libraries of the package `openvino` of a Python, or null. */
async function folderOfPython(python: string): Promise<string | null> {
  const code =
    "import importlib.util as u; s = u.find_spec('openvino'); print(s.submodule_search_locations[0] if s else '')";
  const found = await promisify(execFile)(python, ["-c", code], { timeout: 10_000 }).catch(() => ({ stdout: "" }));
  const folder = found.stdout.trim();
  return folder === "" ? null : join(folder, "libs");
}

let known: Promise<FoundLibrary> | undefined;

/**
 * OpenVINO's C library: `$GANYMEDE_OPENVINO` (the library or its folder), the package `openvino` of `$GANYMEDE_PYTHON` or of `python3`, or the
 * system's folders; or why there is none and what to type.
 */
export function findLibrary(): Promise<FoundLibrary> {
  known ??= search();
  return known;
}

async function search(): Promise<FoundLibrary> {
  if (fileName[process.platform] === undefined) {
    return { reason: `OpenVINO is not known for ${process.platform}; use --backend onnx` };
  }
  const named = process.env.GANYMEDE_OPENVINO;
  if (named !== undefined && named !== "") {
    const kind = await stat(named).catch(() => null);
    const path = kind?.isDirectory() ? await libraryIn(named) : kind === null ? null : named;
    return path === null
      ? { reason: `$GANYMEDE_OPENVINO names ${named}, which holds no OpenVINO C library; ${advice}` }
      : { path };
  }
  for (const python of [process.env.GANYMEDE_PYTHON, "python3"]) {
    const folder = python === undefined || python === "" ? null : await folderOfPython(python);
    const path = folder === null ? null : await libraryIn(folder);
    if (path !== null) return { path };
  }
  for (const folder of [
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/local/lib",
    "/opt/intel/openvino/runtime/lib/intel64",
  ]) {
    const path = await libraryIn(folder);
    if (path !== null) return { path };
  }
  return { reason: `OpenVINO's C library is not installed; ${advice}` };
}
