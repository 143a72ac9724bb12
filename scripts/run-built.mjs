// Runs a built file of the workspace with the arguments that follow it, after installing and building what is not up to date:
// node scripts/run-built.mjs test/dist/golden/main.js --json
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build, checkNode, install, root, say } from "./prepare.mjs";

const [file, ...args] = process.argv.slice(2);
if (file === undefined) {
  say("run-built: the first argument must be a built file, got none; see the scripts of package.json.");
  process.exit(2);
}
// npm runs scripts in the root; paths that the user typed are relative to where they typed them.
const { INIT_CWD: cwd = root } = process.env;

checkNode();
install();
build();
const { status, error } = spawnSync(process.execPath, ["--enable-source-maps", join(root, file), ...args], {
  cwd,
  stdio: "inherit",
});
if (error !== undefined) {
  say(`run-built: ${file} must start, but ${error.message}.`);
}
process.exit(status ?? 1);
