import { spawnSync } from "node:child_process";

/** The first Python that can import torch: `$GANYMEDE_PYTHON`, python3, python; undefined where there is none. */
export function findTorchPython(): string | undefined {
  const candidates = [process.env.GANYMEDE_PYTHON, "python3", "python"].filter((name) => name !== undefined);
  return candidates.find((name) => spawnSync(name, ["-c", "import torch"], { stdio: "ignore" }).status === 0);
}
