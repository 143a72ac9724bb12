import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { root, type WorkspacePackage } from "../workspace/packages.js";

const execute = promisify(execFile);

/** Runs a command and gives its output; a failure carries all of it. */
export async function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  // npx is a .cmd file on Windows, which only a shell runs.
  const options = { cwd, shell: process.platform === "win32", maxBuffer: 64 * 1024 * 1024 };
  return execute(file, args, options).then(
    ({ stdout }) => stdout,
    (error: { message: string; stdout?: string; stderr?: string }) => {
      throw new Error(`${file} ${args.join(" ")}: ${error.message}\n${error.stdout ?? ""}\n${error.stderr ?? ""}`);
    },
  );
}

/** Runs the pinned pnpm: the one that runs this process where there is one, else through npx. */
export async function pnpm(args: readonly string[], cwd: string): Promise<string> {
  const { npm_config_user_agent: agent = "", npm_execpath: running = "" } = process.env;
  if (!agent.startsWith("pnpm/") || !basename(running).startsWith("pnpm")) {
    const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      packageManager: string;
    };
    return run("npx", ["--yes", packageManager, ...args], cwd);
  }
  return /\.[cm]?js$/.test(running) ? run(process.execPath, [running, ...args], cwd) : run(running, args, cwd);
}

/** Packs packages into a folder; gives the tarball of each by the package's name. */
export async function pack(packages: readonly WorkspacePackage[], folder: string): Promise<Map<string, string>> {
  for (const { folder: place } of packages) {
    if (!existsSync(join(root, place, "dist", "index.js"))) {
      throw new Error(`${place} must be built before it is packed: run "pnpm build", or "npm test", which builds.`);
    }
  }
  const filters = packages.map(({ folder: place }) => `--filter=./${place}`);
  await pnpm(["-r", ...filters, "pack", "--pack-destination", folder], root);
  const tarballs = await readdir(folder);
  return new Map(
    packages.map(({ manifest }) => {
      const start = `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}`;
      const tarball = tarballs.find((name) => name === `${start}.tgz`);
      if (tarball === undefined) throw new Error(`${manifest.name} left no tarball among ${tarballs.join(", ")}`);
      return [manifest.name, join(folder, tarball)];
    }),
  );
}

/** An empty project outside the workspace with the tarballs installed, and what else is asked for. */
export async function outsideProject(
  tarballs: ReadonlyMap<string, string>,
  others: Readonly<Record<string, string>>,
): Promise<string> {
  const project = await mkdtemp(join(tmpdir(), "ganymede-outside-"));
  const dependencies = {
    ...Object.fromEntries([...tarballs].map(([name, path]) => [name, `file:${path}`])),
    ...others,
  };
  // The packages are not published under this version yet: where one needs another, the tarball stands in.
  const overrides = [...tarballs].map(([name, path]) => `  "${name}": "file:${path}"\n`).join("");
  await mkdir(project, { recursive: true });
  await writeFile(
    join(project, "package.json"),
    JSON.stringify({ name: "outside", private: true, type: "module", dependencies }),
  );
  await writeFile(join(project, "pnpm-workspace.yaml"), `packages: ["."]\noverrides:\n${overrides}pmOnFail: ignore\n`);
  await pnpm(["install", "--prefer-offline", "--ignore-scripts"], project);
  return project;
}
