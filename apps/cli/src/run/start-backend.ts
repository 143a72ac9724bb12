import type { Backend, Registry } from "@ganymede/core";
import { selectBackend } from "../backends/select.js";
import type { Terminal } from "../output/terminal.js";

/** Starts a backend and tells people which one, and why `auto` passed over others. */
export async function startBackend(registry: Registry, wanted: string, terminal: Terminal): Promise<Backend> {
  const backend = await selectBackend(
    registry.list("backends"),
    wanted,
    ({ backend: skipped, unavailable, onlyByName }) => {
      terminal.note(`Backend ${skipped.id} is skipped: ${unavailable ?? onlyByName}`);
    },
  );
  terminal.note(`Backend: ${backend.id} (${backend.device})`);
  return backend;
}
