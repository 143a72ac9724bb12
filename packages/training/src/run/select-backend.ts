import type { Backend } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";

/** Which engine runs a model. */
export interface BackendOption {
  /** A backend's id, or `auto`. */
  readonly backend: string;
  /** Threads of the CPU. Default: one per core. */
  readonly threads?: number | undefined;
}

/** A backend and what it found here. */
export interface Probe {
  readonly backend: Backend;
  /** What it runs on. */
  readonly device: string;
  /** Why it cannot be used here, or null. */
  readonly unavailable: string | null;
  /** Why `auto` leaves it out although it works, or null. */
  readonly onlyByName: string | null;
}

async function probe(backend: Backend): Promise<Probe> {
  const unavailable = await backend.unavailable();
  const found = unavailable === null ? await backend.inspect?.() : undefined;
  return { backend, device: found?.name ?? backend.device, unavailable, onlyByName: found?.onlyByName ?? null };
}

/** Asks every backend, the one that `auto` would take first on top. */
export async function probeBackends(backends: readonly Backend[]): Promise<readonly Probe[]> {
  return Promise.all([...backends].sort((a, b) => b.priority - a.priority).map(probe));
}

async function activate(backend: Backend): Promise<Backend> {
  try {
    await backend.activate();
    return backend;
  } catch (error) {
    if (GanymedeError.is(error)) throw error;
    throw new GanymedeError(
      "unavailable",
      `\`backend: "${backend.id}"\`: it must start, but ${error instanceof Error ? error.message : String(error)}; try \`backend: "cpu"\``,
      { cause: error },
    );
  }
}

/** @throws GanymedeError `unsupported` where the backend cannot choose its threads. */
function onThreads(backend: Backend, threads: number | undefined): Backend {
  if (threads === undefined) return backend;
  const chosen = backend.withThreads?.(threads);
  if (chosen !== undefined) return chosen;
  throw new GanymedeError(
    "unsupported",
    `\`threads\`: the backend must let them be chosen, but "${backend.id}" does not; leave it out or use \`backend: "onnx"\``,
  );
}

/**
 * Starts the backend of that name, or with `auto` the available one of the highest priority. A named backend never falls back to
 * another.
 *
 * @param skipped is told about each backend that `auto` passed over, and why.
 * @param threads of the CPU; one per core where left out.
 * @throws GanymedeError `unknown-name`, `unavailable` with the reason and what to type, or `unsupported` where threads cannot be chosen.
 */
export async function selectBackend(
  backends: readonly Backend[],
  wanted: string,
  skipped: (probe: Probe) => void,
  threads?: number,
): Promise<Backend> {
  if (wanted === "auto") {
    for (const probe of await probeBackends(backends)) {
      if (probe.unavailable === null && probe.onlyByName === null) return activate(onThreads(probe.backend, threads));
      skipped(probe);
    }
    throw new GanymedeError(
      "unavailable",
      "`backend: 'auto'`: one backend must be available, got none; see ganymede backends",
    );
  }
  const named = backends.find((backend) => backend.id === wanted);
  if (named === undefined) {
    const known = ["auto", ...backends.map((backend) => backend.id)];
    throw new GanymedeError(
      "unknown-name",
      `\`backend\`: it must be a known name, got "${wanted}"; ${suggestion(wanted, known)}`,
    );
  }
  const reason = await named.unavailable();
  if (reason !== null)
    throw new GanymedeError("unavailable", `\`backend: "${wanted}"\`: it cannot be used here: ${reason}`);
  return activate(onThreads(named, threads));
}
