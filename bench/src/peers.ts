import { spawnSync } from "node:child_process";
import type { IterationCase, IterationSettings, PeerMode } from "./iteration-settings.js";
import { peerConfig } from "./iteration-settings.js";
import type { WorkerSide } from "./worker-side.js";
import { nodeSide, pythonSide } from "./worker-side.js";

/** Other frameworks that run the same iteration, by name. */
export const peers = {
  eager: { name: "PyTorch eager", library: "pytorch", mode: { precision: "float32", compile: false } },
  compile: { name: "torch.compile", library: "pytorch", mode: { precision: "float32", compile: true } },
  autocast: { name: "PyTorch bfloat16 autocast", library: "pytorch", mode: { precision: "bfloat16", compile: false } },
  "bf16-products": {
    name: "PyTorch, products in bfloat16",
    library: "pytorch",
    mode: { precision: "bfloat16-products", compile: false },
  },
  jax: { name: "JAX", library: "jax", mode: { precision: "float32", compile: true } },
  "jax-bf16": { name: "JAX bfloat16", library: "jax", mode: { precision: "bfloat16", compile: true } },
} as const satisfies Record<string, { name: string; library: "pytorch" | "jax"; mode: Omit<PeerMode, "device"> }>;

export type Peer = keyof typeof peers;

/** A peer's process for one case. */
export function peerSide(
  python: string,
  peer: Peer,
  settings: IterationCase,
  device: PeerMode["device"] = "cpu",
): WorkerSide {
  const { name, library, mode } = peers[peer];
  return pythonSide(name, python, `${library}/family_step.py`, peerConfig(settings, { ...mode, device }));
}

/** Our process for one case. */
export function ourSide(settings: IterationSettings): WorkerSide {
  const { backend, precision } = settings;
  const name = precision === "float32" ? backend : `${backend}, ${precision}`;
  return nodeSide(name, "iteration-worker.js", settings);
}

/** The first Python that can import a module: `$GANYMEDE_PYTHON`, python3, python; undefined where there is none. */
export function findPython(module: string): string | undefined {
  const candidates = [process.env.GANYMEDE_PYTHON, "python3", "python"].filter((name) => name !== undefined);
  return candidates.find((name) => spawnSync(name, ["-c", `import ${module}`], { stdio: "ignore" }).status === 0);
}
