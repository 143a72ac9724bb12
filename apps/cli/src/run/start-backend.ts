import type { Backend, Registry } from "@ganymede/core";
import type { Probe } from "../backends/select.js";
import { selectBackend } from "../backends/select.js";
import type { BackendOption } from "../commands/shared-options.js";
import type { Terminal } from "../output/terminal.js";

/**
 * Starts a backend and tells people which one. Where `auto` found none that runs whole steps, it says why it passed over those that do;
 * `ganymede backends` gives the reasons of all.
 */
export async function startBackend(
  registry: Registry,
  { backend: wanted, threads }: BackendOption,
  terminal: Terminal,
): Promise<Backend> {
  const skipped: Probe[] = [];
  const backend = await selectBackend(registry.list("backends"), wanted, (probe) => skipped.push(probe), threads);
  for (const { backend: other, unavailable, onlyByName } of backend.compiled ? [] : skipped) {
    if (other.compiled) terminal.note(`Backend ${other.id} is skipped: ${unavailable ?? onlyByName}`);
  }
  const device = (await backend.inspect?.())?.name ?? backend.device;
  terminal.note(`Backend: ${backend.id} (${device})`);
  return backend;
}
