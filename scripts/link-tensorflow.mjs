// Gives @ganymede/backend-tensorflow a real engine to be tested with, where tfjs-node's own installation cannot download one:
// tfjs-node from npm, libtensorflow and its C headers from the `tensorflow` wheel of PyPI, and tfjs-node's binding compiled here.
// node scripts/link-tensorflow.mjs [--gpu]     (about 280 MB of downloads, 700 MB with --gpu; needs python3 with pip, and g++)
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { root, say } from "./prepare.mjs";

const gpu = process.argv.includes("--gpu");
const folder = join(root, "node_modules", ".cache", "tensorflow");
const modules = join(folder, "node_modules");
const wheel = gpu ? "tensorflow==2.21.0" : "tensorflow-cpu==2.21.0";
const tfjsNode = `@tensorflow/tfjs-node${gpu ? "-gpu" : ""}`;

function end(line) {
  say(`link-tensorflow: ${line}`);
  process.exit(1);
}

function run(command, args, cwd = folder) {
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", maxBuffer: 1 << 26 });
  if (status !== 0) end(`${command} must succeed, but ${error?.message ?? `${stdout}\n${stderr}`.slice(-2000)}`);
  return stdout;
}

if (process.platform !== "linux" || process.arch !== "x64") {
  end(
    `the wheel's libraries are linked on Linux x64 only, got ${process.platform} ${process.arch}; see docs/backends.md`,
  );
}
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

say(`Installing ${tfjsNode} without its installation script ...`);
writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
run("npm", ["install", "--ignore-scripts", "--no-audit", "--no-fund", `${tfjsNode}@4.22.0`, "node-api-headers@1.9.0"]);
// One copy of tfjs-core, and of what registers kernels with it: the workspace's.
const workspace = createRequire(join(root, "test", "package.json"));
for (const name of ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu"]) {
  const place = join(modules, name);
  rmSync(place, { recursive: true, force: true });
  symlinkSync(dirname(workspace.resolve(`${name}/package.json`)), place);
}

say(`Downloading ${wheel} ...`);
const pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder];
run("python3", [...pip, "--python-version", "3.12", "--platform", "manylinux_2_27_x86_64", wheel]);
const file = readdirSync(folder).find((name) => name.endsWith(".whl"));
const unpack = `
import sys, zipfile
wanted = ("tensorflow/libtensorflow_", "tensorflow/include/tensorflow/", "tensorflow/include/tsl/", "tensorflow/include/xla/tsl/c/")
with zipfile.ZipFile(sys.argv[1]) as wheel:
    wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith(wanted)])
`;
run("python3", ["-c", unpack, file, folder]);
rmSync(join(folder, file));

say("Compiling tfjs-node's binding ...");
const target = join(modules, tfjsNode);
const libraries = join(target, "deps", "lib");
mkdirSync(libraries, { recursive: true });
for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) {
  renameSync(join(folder, "tensorflow", name), join(libraries, name));
}
const lib = join(target, "lib", "napi-v8");
mkdirSync(lib, { recursive: true });
const headers = [join(folder, "tensorflow", "include"), join(modules, "node-api-headers", "include"), target];
const sources = ["tfjs_backend.cc", "tfjs_binding.cc"].map((name) => join(target, "binding", name));
const output = join(lib, "tfjs_binding.node");
run("g++", [
  "-std=c++17",
  "-O2",
  "-fPIC",
  "-shared",
  "-DNAPI_VERSION=8",
  ...headers.map((path) => `-I${path}`),
  ...sources,
  "-o",
  output,
  join(libraries, "libtensorflow_cc.so.2"),
  join(libraries, "libtensorflow_framework.so.2"),
  // Seen from the binding, wherever the folder is moved to.
  "-Wl,-rpath,$ORIGIN/../../deps/lib",
]);
if (!existsSync(output)) end(`the binding must be at ${output}, but it is not`);
say(
  `Linked. GANYMEDE_TENSORFLOW=${folder} lets "ganymede --backend tensorflow" find it; the tests find it by themselves.`,
);
