import { availableParallelism } from "node:os";
import { backendOf } from "./backend-of.js";
import type { IterationCase, IterationSettings } from "./iteration-settings.js";
import type { Peer } from "./peers.js";
import { findPython, ourSide, peerSide, peers } from "./peers.js";
import type { Comparison } from "./rounds.js";
import { compareAll } from "./rounds.js";
import type { WorkerSide } from "./worker-side.js";

type Log = (text: string) => void;

/** Sides that are measured in one run: ours, and the peers that compute with the same precision. */
interface Contest {
  readonly ours: readonly Pick<IterationSettings, "backend" | "precision">[];
  readonly peers: readonly Peer[];
}

const contests: readonly Contest[] = [
  {
    ours: [
      { backend: "onnx", precision: "float32" },
      { backend: "openvino", precision: "float32" },
    ],
    peers: ["eager", "compile", "jax"],
  },
  { ours: [{ backend: "openvino", precision: "bfloat16" }], peers: ["autocast", "bf16-products", "jax-bf16"] },
];

/** What a run of the bench leaves out, by names of the command line. */
export interface IterationOptions {
  readonly batch: number;
  readonly threads?: number | undefined;
  readonly against?: readonly string[] | undefined;
}

/** Reads `--against`. */
function chosenPeers(names: readonly string[] | undefined): readonly Peer[] {
  const known = Object.keys(peers) as Peer[];
  const strange = names?.find((name) => !known.includes(name as Peer));
  if (strange !== undefined) throw new RangeError(`bench: --against must name ${known.join(", ")}, got "${strange}"`);
  return names === undefined ? known : known.filter((peer) => names.includes(peer));
}

/** The peers of a list that this machine has, and the Python of each. */
function presentPeers(list: readonly Peer[], log: Log): { peer: Peer; python: string }[] {
  return list.flatMap((peer) => {
    const module = peers[peer].library === "jax" ? "jax" : "torch";
    const python = findPython(module);
    if (python === undefined)
      log(`bench: ${peers[peer].name} is left out: no Python can import ${module}; name one in GANYMEDE_PYTHON`);
    return python === undefined ? [] : [{ peer, python }];
  });
}

async function closing<T>(sides: readonly WorkerSide[], use: () => Promise<T>): Promise<T> {
  try {
    return await use();
  } finally {
    for (const side of sides) side.close();
  }
}

/**
 * One training iteration of presets on our engines against the same iteration in PyTorch and JAX, each precision in a run of its own: D with every
 * penalty and DiffAugment, then G, then the moving average.
 */
export async function benchIterations(
  presets: readonly string[],
  rounds: number,
  log: Log,
  options: IterationOptions,
): Promise<Comparison[]> {
  const { batch, threads = availableParallelism() } = options;
  const present = presentPeers(chosenPeers(options.against), log);
  const rows: Comparison[] = [];
  for (const preset of presets) {
    for (const contest of contests) {
      const rivals = present.filter(({ peer }) => contest.peers.includes(peer));
      if (rivals.length === 0) continue;
      const ours: WorkerSide[] = [];
      for (const { backend, precision } of contest.ours) {
        const reason = await backendOf({ backend, threads }).unavailable();
        if (reason === null) ours.push(ourSide({ preset, batch, threads, backend, precision }));
        else log(`bench: ${backend} is left out: ${reason}`);
      }
      const theirs = rivals.map(({ peer, python }) => peerSide(python, peer, { preset, batch, threads }));
      const name = `${preset}, batch ${batch}`;
      rows.push(
        ...(await closing([...ours, ...theirs], () => compareAll(name, ours, theirs, { rounds, warmUps: 3 }, log))),
      );
    }
  }
  return rows;
}

/** An eager iteration may take this long: five rounds of it are enough to wait for. */
const longestMilliseconds = 30_000;

type EagerBackend = "wasm" | "tensorflow";

/** An eager backend at the largest batch, by doubling, whose iteration neither fails nor takes more than half a minute. */
async function largest(
  backend: EagerBackend,
  settings: IterationCase,
  log: Log,
): Promise<{ side: WorkerSide; batch: number }> {
  let best: { side: WorkerSide; batch: number } | undefined;
  for (let batch = 1; batch <= settings.batch; batch *= 2) {
    const side = ourSide({ ...settings, backend, batch, precision: "float32" });
    const ms = await side.time().catch((failure: Error) => {
      log(`bench: ${backend} does not finish batch ${batch}: ${failure.message}`);
      return Number.POSITIVE_INFINITY;
    });
    if (best !== undefined && ms > longestMilliseconds) {
      side.close();
      return best;
    }
    best?.side.close();
    best = { side, batch };
  }
  return best!;
}

/** The compiled engine against TensorFlow.js's engines, which run one operation at a time, at the largest batch that each finishes. */
export async function benchEager(rounds: number, log: Log, preset: string): Promise<Comparison[]> {
  const settings: IterationCase = { preset, batch: 32, threads: availableParallelism() };
  const rows: Comparison[] = [];
  for (const backend of ["wasm", "tensorflow"] as const) {
    const reason = await backendOf({ ...settings, backend }).unavailable();
    if (reason !== null) {
      log(`bench: ${backend} is left out: ${reason}`);
      continue;
    }
    const { side, batch } = await largest(backend, settings, log);
    const compiled = ourSide({ ...settings, batch, backend: "onnx", precision: "float32" });
    const theirs = { ...side, name: backend === "wasm" ? "tfjs wasm" : "tfjs-node" };
    const run = { rounds: Math.min(rounds, 5), warmUps: 1 };
    rows.push(
      ...(await closing([compiled, side], () =>
        compareAll(`${preset}, batch ${batch}`, [compiled], [theirs], run, log),
      )),
    );
  }
  return rows;
}
