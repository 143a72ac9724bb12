import { probeBackends } from "@ganymede/training";
import type { Speed } from "../backends/measure-speed.js";
import { measureSpeed } from "../backends/measure-speed.js";
import { loadRegistry } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import { formatTable } from "../output/table.js";
import type { SharedOptions } from "./shared-options.js";

export interface BackendsOptions extends SharedOptions {
  /** Measure each available backend, about a second each. */
  readonly measure: boolean;
}

function state(unavailable: string | null, id: string, autoSkipReason: string | null): string {
  if (unavailable !== null) return `not available: ${unavailable}`;
  return autoSkipReason === null ? "available" : `available only with --backend ${id}: ${autoSkipReason}`;
}

/** Prints every backend: its device, its speed, and whether it is available or what to do about it. */
export async function backendsCommand(options: BackendsOptions, context: CommandContext): Promise<number> {
  const { terminal } = context;
  const registry = await loadRegistry(context.builtIn, { ...options, cwd: context.cwd });
  const probes = await probeBackends(registry.list("backends"));
  const speeds = new Map<string, Speed>();
  for (const { backend, unavailable } of options.measure ? probes : []) {
    if (unavailable === null) speeds.set(backend.id, await measureSpeed(backend));
  }
  if (options.json) {
    for (const { backend, device, unavailable, autoSkipReason } of probes) {
      const { id, compiled, priority } = backend;
      terminal.out(
        JSON.stringify({
          id,
          device,
          compiled,
          priority,
          available: unavailable === null,
          reason: unavailable,
          autoSkipReason,
          ...speeds.get(id),
        }),
      );
    }
    return 0;
  }
  const rows = probes.map(({ backend, device, unavailable, autoSkipReason }) => [
    backend.id,
    device,
    backend.compiled ? "whole steps" : "one operation at a time",
    speeds.get(backend.id)?.gflops.toPrecision(3) ?? "-",
    speeds.get(backend.id)?.gigabytes.toPrecision(3) ?? "-",
    state(unavailable, backend.id, autoSkipReason),
  ]);
  const [head, ...lines] = formatTable(["backend", "device", "runs", "GFLOP/s", "GB/s", "state"], rows);
  terminal.out(terminal.bold(head as string));
  for (const line of lines) terminal.out(line);
  return 0;
}
