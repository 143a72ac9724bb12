// Packs the command with everything that it needs into one archive, for machines without Node and without a network:
// node scripts/portable-bundle.mjs [--out dist/ganymede-<platform>-<arch>.tar.xz] [--bench] [--node <binary>] [--library <file>]...
// For this platform only. --bench adds the benchmarks with their PyTorch sides; --library a shared library, as libvulkan.so.1, that the
// other machine may lack; --node the binary of another Node of this platform.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { parseArgs } from "node:util";
import { build, checkNode, install, root, say } from "./prepare.mjs";

const here = `${process.platform}-${process.arch}`;

function end(line) {
  say(`portable-bundle: ${line}`);
  process.exit(1);
}

/** Folders of binaries for other platforms, as packages name them: `darwin`, `win32-x64`, `linux/arm64`. */
function isForeign(path) {
  const platforms = ["darwin", "linux", "win32"];
  const names = path.split(sep);
  return names.some((name, i) => {
    const [platform, arch] = name.split("-");
    if (!platforms.includes(platform)) return false;
    const below = arch ?? names[i + 1];
    const named = ["x64", "arm64"].includes(below) ? below : process.arch;
    return platform !== process.platform || named !== process.arch;
  });
}

/** What nothing reads at run time; of our own packages the sources, too. */
function isIdle(path, own) {
  if (/\.(map|md|d\.ts|d\.cts|d\.mts|tsbuildinfo)$|_test\.js$|(^|[\\/])(node_modules|\.turbo)([\\/]|$)/.test(path))
    return true;
  return own && path.split(sep)[0] === "src";
}

/** What the benchmarks' dependencies need for tests alone. */
const ofTests = new Set(["playwright-core", "rolldown", "vite"]);

/** The folder of an installed package as seen from another, or undefined. */
function findPackage(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, "node_modules", name);
    if (existsSync(join(candidate, "package.json"))) return realpathSync(candidate);
    if (dirname(folder) === folder) return undefined;
  }
}

function copyPackage(name, from, to) {
  const own = name.startsWith("@ganymede/");
  cpSync(from, to, {
    recursive: true,
    dereference: true,
    filter: (path) => {
      const inside = relative(from, path);
      return inside === "" || !(isIdle(inside, own) || isForeign(inside));
    },
  });
}

/** Copies a package and all that it depends on: each once at the top, another version of it below the package that needs it. */
function copyWithDependencies(name, from, modules, placed) {
  const folder = findPackage(name, from);
  if (folder === undefined) return false;
  const above = placed.get(name);
  if (above === folder) return true;
  const target = join(above === undefined ? placed.top : modules, name);
  if (above === undefined) placed.set(name, folder);
  copyPackage(name, folder, target);
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const wanted = Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies });
  for (const needed of wanted) {
    if (ofTests.has(needed) || peerDependenciesMeta[needed]?.optional === true) continue;
    const found = copyWithDependencies(needed, folder, join(target, "node_modules"), placed);
    if (!found && needed in dependencies) end(`${name} needs ${needed}, which is not installed; run npm start first`);
  }
  return true;
}

const launcher = (entry) => `#!/bin/sh
here=$(cd "$(dirname "$0")" && pwd)
LD_LIBRARY_PATH="$here/lib\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}" exec "$here/node" "$here/node_modules/${entry}" "$@"
`;

const { values } = parseArgs({
  options: {
    out: { type: "string", default: join("dist", `ganymede-${here}.tar.xz`) },
    bench: { type: "boolean", default: false },
    node: { type: "string", default: process.execPath },
    library: { type: "string", multiple: true, default: [] },
  },
});
if (process.platform === "win32") end("it packs for Linux and macOS, got win32; copy the installed folder instead");
checkNode();
install();
build();

const out = resolve(root, values.out);
const staging = mkdtempSync(join(tmpdir(), "ganymede-bundle-"));
try {
  const folder = join(staging, "ganymede");
  const top = join(folder, "node_modules");
  const placed = Object.assign(new Map(), { top });
  const entries = { ganymede: ["@ganymede/cli", "bin/ganymede.js"] };
  if (values.bench) entries["ganymede-bench"] = ["@ganymede/bench", "dist/main.js"];
  for (const [command, [name, file]] of Object.entries(entries)) {
    const member = join(root, name === "@ganymede/cli" ? "apps/cli" : "bench");
    placed.set(name, member);
    copyPackage(name, member, join(top, name));
    const { dependencies } = JSON.parse(readFileSync(join(member, "package.json"), "utf8"));
    for (const needed of Object.keys(dependencies)) copyWithDependencies(needed, member, top, placed);
    writeFileSync(join(folder, command), launcher(`${name}/${file}`), { mode: 0o755 });
  }
  copyFileSync(values.node, join(folder, "node"));
  chmodSync(join(folder, "node"), 0o755);
  mkdirSync(join(folder, "lib"));
  for (const file of values.library) copyFileSync(realpathSync(file), join(folder, "lib", basename(file)));
  mkdirSync(dirname(out), { recursive: true });
  const half = `${out}.part`;
  const packed = spawnSync("tar", ["-C", staging, "-cJf", half, "ganymede"], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, XZ_OPT: "-6 -T0" },
  });
  if (packed.status !== 0) {
    rmSync(half, { force: true });
    end(`tar must pack the folder, but ${packed.error?.message ?? `it ended with ${packed.status}`}`);
  }
  renameSync(half, out);
  say(
    `${relative(process.cwd(), out)}: ${(statSync(out).size / 2 ** 20).toFixed(1)} MB; unpack it and run ganymede/ganymede`,
  );
} finally {
  rmSync(staging, { recursive: true, force: true });
}
