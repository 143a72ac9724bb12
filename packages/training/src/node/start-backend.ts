import type { Backend, Registry, TrainingLength } from "@ganymede/core";
import type { BackendOption, Probe } from "../run/select-backend.js";
import { selectBackend } from "../run/select-backend.js";
import { backendOf } from "../run/train-options.js";
import type { Reporter } from "./run-context.js";

/**
 * Starts a backend and reports which one. If `auto` skips one that compiles whole steps, the reason is reported; `ganymede backends`
 * lists the reasons for all.
 *
 * @param training the training that it is for. Default: none.
 */
export async function startBackend(
  registry: Registry,
  { backend: wanted, threads }: BackendOption,
  terminal: Reporter,
  training?: TrainingLength,
): Promise<Pick<Backend, "id" | "device">> {
  if (wanted === "auto" && registry.list("backends").length === 0) return backendOf(registry, {});
  const skipped: Probe[] = [];
  const backend = await selectBackend(registry.list("backends"), wanted, (probe) => skipped.push(probe), {
    threads,
    ...(training && { training }),
  });
  for (const { backend: other, unavailable, autoSkipReason } of backend.compiled ? [] : skipped) {
    if (other.compiled) terminal.note(`Backend ${other.id} is skipped: ${unavailable ?? autoSkipReason}`);
  }
  const device = (await backend.inspect?.())?.name ?? backend.device;
  terminal.note(`Backend: ${backend.id} (${device})`);
  if (backend.notice !== undefined) terminal.note(backend.notice);
  return backend;
}
