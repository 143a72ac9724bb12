import type { Backend } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "../config/near-names.js";

/** A backend and why it cannot be used here, null when it can. */
export interface Probe {
  readonly backend: Backend;
  readonly unavailable: string | null;
}

/** Asks every backend, the one that `auto` would take first on top. */
export async function probeBackends(backends: readonly Backend[]): Promise<readonly Probe[]> {
  const ordered = [...backends].sort((a, b) => b.priority - a.priority);
  return Promise.all(ordered.map(async (backend) => ({ backend, unavailable: await backend.unavailable() })));
}

async function activate(backend: Backend): Promise<Backend> {
  try {
    await backend.activate();
    return backend;
  } catch (error) {
    if (GanymedeError.is(error)) throw error;
    throw new GanymedeError(
      "unavailable",
      `--backend ${backend.id}: it must start, but ${error instanceof Error ? error.message : String(error)}; try --backend cpu`,
      { cause: error },
    );
  }
}

/**
 * Starts the backend of that name, or with `auto` the available one of the highest priority. A named backend never falls back to
 * another.
 *
 * @param skipped is told about each backend that `auto` passed over, and why.
 * @throws GanymedeError `unknown-name`, or `unavailable` with the reason and what to type.
 */
export async function selectBackend(
  backends: readonly Backend[],
  wanted: string,
  skipped: (probe: Probe) => void,
): Promise<Backend> {
  if (wanted === "auto") {
    for (const probe of await probeBackends(backends)) {
      if (probe.unavailable === null) return activate(probe.backend);
      skipped(probe);
    }
    throw new GanymedeError(
      "unavailable",
      "--backend auto: one backend must be available, got none; see ganymede backends",
    );
  }
  const named = backends.find((backend) => backend.id === wanted);
  if (named === undefined) {
    const known = ["auto", ...backends.map((backend) => backend.id)];
    throw new GanymedeError(
      "unknown-name",
      `--backend: it must be a known name, got "${wanted}"; ${suggestion(wanted, known)}`,
    );
  }
  const reason = await named.unavailable();
  if (reason !== null) throw new GanymedeError("unavailable", `--backend ${wanted}: it cannot be used here: ${reason}`);
  return activate(named);
}
