import type { Backend, TrainingLength } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";

/** Choice of the backend. */
export interface BackendOption {
  /** Id of a backend, or `auto`. */
  readonly backend: string;
  /** CPU threads. Default: one per core. */
  readonly threads?: number | undefined;
}

/** A backend and its state on this machine. */
export interface Probe {
  readonly backend: Backend;
  /** Device that it runs on. */
  readonly device: string;
  /** Why it is not available, or null. */
  readonly unavailable: string | null;
  /** Why `auto` skips it although it works, or null. */
  readonly autoSkipReason: string | null;
}

async function probe(backend: Backend): Promise<Probe> {
  const unavailable = await backend.unavailable();
  const found = unavailable === null ? await backend.inspect?.() : undefined;
  return { backend, device: found?.name ?? backend.device, unavailable, autoSkipReason: found?.autoSkipReason ?? null };
}

/** The backends in the order in which `auto` tries them. */
const byPriority = (backends: readonly Backend[]) => [...backends].sort((a, b) => b.priority - a.priority);

/** Probes every backend, in the order in which `auto` tries them. */
export async function probeBackends(backends: readonly Backend[]): Promise<readonly Probe[]> {
  return Promise.all(byPriority(backends).map(probe));
}

async function activate(backend: Backend): Promise<Backend> {
  try {
    await backend.activate();
    return backend;
  } catch (error) {
    if (GanymedeError.is(error)) throw error;
    throw new GanymedeError(
      "unavailable",
      `\`backend: "${backend.id}"\`: the backend must start, but ${error instanceof Error ? error.message : String(error)}; try \`backend: "cpu"\``,
      { cause: error },
    );
  }
}

/** @throws GanymedeError `unsupported` if the backend has no choice of threads. */
function onThreads(backend: Backend, threads: number | undefined): Backend {
  if (threads === undefined) return backend;
  const chosen = backend.withThreads?.(threads);
  if (chosen !== undefined) return chosen;
  throw new GanymedeError(
    "unsupported",
    `\`threads\`: the backend must support a choice of threads, but "${backend.id}" does not; remove the option or use \`backend: "onnx"\``,
  );
}

/** What a backend is selected for. */
export interface SelectionOptions {
  /** CPU threads. Default: one per core. */
  readonly threads?: number | undefined;
  /** The training that it is for. Default: none, so that `auto` takes only backends that start fast. */
  readonly training?: TrainingLength;
}

const noTraining: TrainingLength = { steps: 0, seconds: 0 };

function repays({ repaysAfter = noTraining }: Backend, { steps, seconds }: TrainingLength): boolean {
  return steps >= repaysAfter.steps && seconds >= repaysAfter.seconds;
}

/**
 * Starts the backend with this id, or with `auto` the available one of highest priority that repays its start. A named backend never falls back to another.
 *
 * @param skipped called for each backend that `auto` skipped, with the reason.
 * @throws GanymedeError `unknown-name`; `unavailable` with the reason and a remedy; `unsupported` if threads cannot be chosen.
 */
export async function selectBackend(
  backends: readonly Backend[],
  wanted: string,
  skipped: (probe: Probe) => void,
  { threads, training = noTraining }: SelectionOptions = {},
): Promise<Backend> {
  if (wanted === "auto") {
    // One after another: a probe may load a library, which those behind the chosen one must not cost.
    for (const backend of byPriority(backends).filter((each) => repays(each, training))) {
      const found = await probe(backend);
      if (found.unavailable === null && found.autoSkipReason === null) return activate(onThreads(backend, threads));
      skipped(found);
    }
    throw new GanymedeError(
      "unavailable",
      "`backend: 'auto'`: no backend is available; run ganymede backends for the reasons",
    );
  }
  const named = backends.find((backend) => backend.id === wanted);
  if (named === undefined) {
    const known = ["auto", ...backends.map((backend) => backend.id)];
    throw new GanymedeError(
      "unknown-name",
      `\`backend\`: the backend must be a known name, got "${wanted}"; ${suggestion(wanted, known)}`,
    );
  }
  const reason = await named.unavailable();
  if (reason !== null)
    throw new GanymedeError("unavailable", `\`backend: "${wanted}"\`: the backend is not available: ${reason}`);
  return activate(onThreads(named, threads));
}
