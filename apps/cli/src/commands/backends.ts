import { probeBackends } from "../backends/select.js";
import { loadRegistry } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import { formatTable } from "../output/table.js";
import type { SharedOptions } from "./shared-options.js";

/** Prints every backend: its device, and whether it can be used here or why not and what to type. */
export async function backendsCommand(options: SharedOptions, context: CommandContext): Promise<number> {
  const { terminal } = context;
  const registry = await loadRegistry(await context.builtIn(), { ...options, cwd: context.cwd });
  const probes = await probeBackends(registry.list("backends"));
  if (options.json) {
    for (const { backend, unavailable } of probes) {
      const { id, device, compiled, priority } = backend;
      terminal.out(
        JSON.stringify({ id, device, compiled, priority, available: unavailable === null, reason: unavailable }),
      );
    }
    return 0;
  }
  const rows = probes.map(({ backend, unavailable }) => [
    backend.id,
    backend.device,
    backend.compiled ? "whole steps" : "one operation at a time",
    unavailable === null ? "available" : `not available: ${unavailable}`,
  ]);
  const [head, ...lines] = formatTable(["backend", "device", "runs", "state"], rows);
  terminal.out(terminal.bold(head as string));
  for (const line of lines) terminal.out(line);
  return 0;
}
