import type { Probe } from "@ganymede/training";
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

function state({ backend: { id, repaysAfter }, unavailable, autoSkipReason }: Probe): string {
  if (unavailable !== null) return `not available: ${unavailable}`;
  if (autoSkipReason !== null) return `available only with --backend ${id}: ${autoSkipReason}`;
  if (repaysAfter === undefined) return "available";
  return `available; auto takes it to train for ${repaysAfter.steps} steps and ${repaysAfter.seconds} seconds or longer`;
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
      const { id, compiled, priority, repaysAfter } = backend;
      terminal.out(
        JSON.stringify({
          id,
          device,
          compiled,
          priority,
          available: unavailable === null,
          reason: unavailable,
          autoSkipReason,
          ...(repaysAfter && { repaysAfter }),
          ...speeds.get(id),
        }),
      );
    }
    return 0;
  }
  const rows = probes.map((probe) => [
    probe.backend.id,
    probe.device,
    probe.backend.compiled ? "whole steps" : "one operation at a time",
    speeds.get(probe.backend.id)?.gflops.toPrecision(3) ?? "-",
    speeds.get(probe.backend.id)?.gigabytes.toPrecision(3) ?? "-",
    state(probe),
  ]);
  const [head, ...lines] = formatTable(["backend", "device", "runs", "GFLOP/s", "GB/s", "state"], rows);
  terminal.out(terminal.bold(head as string));
  for (const line of lines) terminal.out(line);
  return 0;
}
