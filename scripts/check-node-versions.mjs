// Proves the promise of package.json's engines: on each Node that the npm package `node` carries, a fresh clone of
// what is committed installs, builds, passes the unit tests and trains a few steps on the compiled engine.
// node scripts/check-node-versions.mjs [version ...] [--quick]     (--quick leaves the unit tests out)
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { root, say } from "./prepare.mjs";

const newest = ["20.19.6", "22.23.3", "24.9.0"];
const args = process.argv.slice(2);
const quick = args.includes("--quick");
const named = args.filter((arg) => arg !== "--quick");
const versions = named.length > 0 ? named : newest;
const windows = process.platform === "win32";
const manifest = JSON.parse(execFileSync("git", ["show", ":package.json"], { cwd: root, encoding: "utf8" }));

/** Runs a command quietly; gives null when it succeeds, else the end of what it said. */
function run(command, commandArgs, cwd, env) {
  const { status, stdout, stderr, error } = spawnSync(command, commandArgs, {
    cwd,
    env,
    encoding: "utf8",
    shell: windows,
    maxBuffer: 1 << 28,
  });
  return status === 0 ? null : (error?.message ?? `${stdout}\n${stderr}`.slice(-4000));
}

/** The stages of one version, each with the reason when it failed; a failure ends the row. */
function check(version, folder) {
  const carrier = join(folder, "node");
  const copy = join(folder, "copy");
  mkdirSync(carrier);
  execFileSync("git", ["clone", "--quiet", root, copy]);
  const installed = run("npm", ["install", "--prefix", carrier, `node@${version}`], carrier, process.env);
  if (installed !== null) return [["carrier", installed]];
  const bin = join(carrier, "node_modules", "node", "bin");
  // The binary goes first on the path, so npx, pnpm, turbo and vitest run on it as well.
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const node = join(bin, windows ? "node.exe" : "node");
  const found = execFileSync(node, ["--version"], { encoding: "utf8" }).trim();
  if (found !== `v${version}`) return [["carrier", `it must be v${version}, got ${found}`]];

  const prepare =
    "import('./scripts/prepare.mjs').then(({ checkNode, install, build }) => { checkNode(); install(); build(); })";
  const vitest = ["--yes", manifest.packageManager, "exec", "vitest", "run", "packages", "apps"];
  const train = [
    "train",
    "vitgan-tiny",
    "--data",
    "scenes",
    "--steps",
    "3",
    "--backend",
    "onnx",
    "--out",
    "runs/check",
  ];
  const stages = [
    ["install and build", node, ["-e", prepare]],
    ...(quick ? [] : [["unit tests", "npx", vitest]]),
    ["train", node, [join("apps", "cli", "bin", "ganymede.js"), ...train]],
  ];
  const row = [];
  for (const [name, command, commandArgs] of stages) {
    const reason = run(command, commandArgs, copy, env);
    row.push([name, reason]);
    if (reason !== null) break;
  }
  return row;
}

let failed = false;
for (const version of versions) {
  const folder = mkdtempSync(join(tmpdir(), `ganymede-node-${version}-`));
  try {
    for (const [stage, reason] of check(version, folder)) {
      process.stdout.write(`Node ${version}  ${stage.padEnd(18)} ${reason === null ? "ok" : "FAIL"}\n`);
      if (reason === null) continue;
      failed = true;
      say(reason);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
process.exit(failed ? 1 : 0);
