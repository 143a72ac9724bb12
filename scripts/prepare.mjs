// Installs the pinned dependencies and builds every package, with plain Node and nothing installed before. What is up to date
// is skipped: the installation by a stamp in node_modules, each build by turbo's cache.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const oldest = [20, 19];
const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
const pnpm = manifest.packageManager;

/** A line for people. */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Ends with one sentence when this Node is too old. */
export function checkNode(version = process.versions.node) {
  const [major, minor] = version.split(".").map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  say(
    `Ganymede: Node must be ${oldest.join(".")} or newer, got ${version}; install a newer one from https://nodejs.org.`,
  );
  process.exit(2);
}

/** Runs a command in the root with its output shown; ends with its exit code when it fails. */
export function runOrExit(command, args, what) {
  // npx and pnpm are .cmd files on Windows, which only a shell runs.
  const { status, error, signal } = spawnSync(command, args, {
    cwd: root,
    stdio: ["inherit", process.stderr, "inherit"],
    shell: process.platform === "win32",
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1" },
  });
  if (status === 0) return;
  const reason = error?.message ?? (signal === null ? `exit code ${status}` : `signal ${signal}`);
  say(`Ganymede: ${what} must succeed, but it failed (${reason}); see the lines above.`);
  process.exit(status ?? 1);
}

/** What the installation depends on: the lockfile, the manifests and the Node that binaries were chosen for. */
function installationHash() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${process.versions.modules}`);
  const folders = ["packages", "apps"].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => join(parent, name)),
  );
  const manifests = [".", "test", "bench", "reference", ...folders].map((folder) => join(folder, "package.json"));
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", ...manifests]) {
    if (existsSync(join(root, file))) hash.update(file).update(readFileSync(join(root, file)));
  }
  return hash.digest("hex");
}

/** Installs with the pinned pnpm through npx, unless what is there is what would be installed. */
export function install() {
  const stamp = join(root, "node_modules", ".ganymede-installed");
  const wanted = installationHash();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  say("Installing the pinned dependencies ...");
  runPnpm(["install", "--frozen-lockfile"], "the installation");
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, wanted);
}

/** Runs the pinned pnpm; turbo, which it runs, finds it on the path that npx sets up. */
export function runPnpm(args, what) {
  runOrExit("npx", ["--yes", pnpm, ...args], what);
}

/** Builds what changed; turbo's own account is shown only where a build fails. */
export function build() {
  say("Building what changed ...");
  runPnpm(["exec", "turbo", "run", "build", "--output-logs=errors-only", "--ui=stream"], "the build");
}
