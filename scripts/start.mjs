// `npm start`: installs, builds, and runs the quick start; arguments go to `ganymede start` (`npm start -- --help`).
import { spawn } from "node:child_process";
import { join } from "node:path";
import { build, checkNode, install, root, say } from "./prepare.mjs";

checkNode();
install();
build();

const main = join(root, "apps", "cli", "bin", "ganymede.js");
const child = spawn(process.execPath, [main, "start", ...process.argv.slice(2)], { cwd: root, stdio: "inherit" });
// Ctrl-C reaches the child through the terminal: this process waits for it to save. A signal to this process alone is passed on.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("error", (error) => {
  say(`Ganymede: the command must start, but ${error.message}.`);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 1)));
