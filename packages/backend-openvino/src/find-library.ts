import { execFile } from "node:child_process";
import { readdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";

const fileName: Partial<Record<NodeJS.Platform, RegExp>> = {
  linux: /^libopenvino_c\.so(\.\d+)*$/,
  darwin: /^libopenvino_c(\.\d+)*\.dylib$/,
  win32: /^openvino_c\.dll$/,
};

const systemFolders = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/lib",
  "/opt/intel/openvino/runtime/lib/intel64",
];

/** Path of OpenVINO's C library, or why there is none and what to type. */
export type FoundLibrary = { readonly path: string } | { readonly reason: string };

/** Variables of the environment, by name. */
type Environment = Readonly<Record<string, string | undefined>>;

const advice =
  "type `pip install openvino==2026.4.1` and name its Python in $GANYMEDE_PYTHON, or its folder openvino/libs in $GANYMEDE_OPENVINO";

const names = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** The C library in a folder, or null; of several versions the longest name, which is the most exact. */
async function libraryIn(folder: string): Promise<string | null> {
  const pattern = fileName[process.platform];
  const found = pattern === undefined ? [] : (await names(folder)).filter((name) => pattern.test(name));
  const [name] = found.sort((a, b) => b.length - a.length);
  return name === undefined ? null : join(folder, name);
}

/** Where the libraries of a Python package `openvino` lie, for a Python that is installed under a prefix. */
async function packagesUnder(prefix: string): Promise<string[]> {
  const tail = join("openvino", "libs");
  if (process.platform === "win32") return [join(prefix, "Lib", "site-packages", tail)];
  const versions = (await names(join(prefix, "lib"))).filter((name) => /^python3/.test(name));
  return versions.flatMap((version) =>
    ["site-packages", "dist-packages"].map((kind) => join(prefix, "lib", version, kind, tail)),
  );
}

/** The same by asking a Python, which knows its own paths. */
async function packageOf(python: string): Promise<string[]> {
  const code =
    "import importlib.util as u; s = u.find_spec('openvino'); print(s.submodule_search_locations[0] if s else '')";
  const answer = await promisify(execFile)(python, ["-c", code], { timeout: 10_000 }).catch(() => ({ stdout: "" }));
  const folder = answer.stdout.trim();
  return folder === "" ? [] : [join(folder, "libs")];
}

/** Prefixes of the Pythons on the path, of an active environment and of the user's own packages. */
function prefixes(environment: Environment): string[] {
  const folders = (environment.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const onPath = folders.map((folder) => (process.platform === "win32" ? folder : dirname(folder)));
  const active = [environment.VIRTUAL_ENV, environment.CONDA_PREFIX].filter((prefix) => prefix !== undefined);
  return [...new Set([...active, ...onPath, join(homedir(), ".local")])];
}

/** The library that `$GANYMEDE_OPENVINO` names: a file, or the folder that holds it. */
async function namedLibrary(named: string): Promise<FoundLibrary> {
  const kind = await stat(named).catch(() => null);
  const path = kind?.isDirectory() ? await libraryIn(named) : kind === null ? null : named;
  if (path !== null) return { path };
  const what = kind === null ? "does not exist" : "holds no OpenVINO C library";
  return { reason: `$GANYMEDE_OPENVINO names ${named}, which ${what}; ${advice}` };
}

/**
 * OpenVINO's C library: `$GANYMEDE_OPENVINO` (the library or its folder); the package `openvino` of `$GANYMEDE_PYTHON`, of
 * the active environment, of the Pythons on the path or of the user; the system's folders; or why there is none and what to type.
 *
 * Only `$GANYMEDE_PYTHON` is started, and waited for 10 seconds at most; all others are looked for by their files.
 */
export async function findLibrary(environment: Environment = process.env): Promise<FoundLibrary> {
  if (fileName[process.platform] === undefined) {
    return { reason: `OpenVINO does not exist for ${process.platform}; use --backend onnx` };
  }
  const { GANYMEDE_OPENVINO: named, GANYMEDE_PYTHON: python } = environment;
  if (named) return namedLibrary(named);
  const asked = python ? await packageOf(python) : [];
  const folders = [...asked, ...(await Promise.all(prefixes(environment).map(packagesUnder))).flat()];
  for (const folder of [...folders, ...systemFolders]) {
    const path = await libraryIn(folder);
    if (path !== null) return { path };
  }
  return { reason: `OpenVINO's C library is not installed; ${advice}` };
}
