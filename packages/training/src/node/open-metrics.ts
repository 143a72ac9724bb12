import { resolve } from "node:path";
import type { Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import { suggestion } from "@ganymede/core/config";
import { metrics } from "@ganymede/metrics";
import type { FoundInception } from "@ganymede/metrics/node";
import { findInception } from "@ganymede/metrics/node";
import type { AnyMetric } from "../evaluate/measure.js";

/** The metrics that can be had, and what they stand on. */
export interface OpenedMetrics {
  readonly list: readonly AnyMetric[];
  /** Part of the key of cached statistics; undefined where no network was found. */
  readonly detector: string | undefined;
  /** One sentence for people. */
  readonly description: string;
  dispose(): void;
}

export interface FindDetectorOptions {
  /** `--inception`. */
  readonly inception: string | undefined;
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface OpenMetricsOptions extends FindDetectorOptions {
  readonly registry: Registry;
}

/** The Inception weights that `--inception` names, else those in the folders of data; nothing is loaded. */
export function findDetector({ inception, cwd, environment }: FindDetectorOptions): Promise<FoundInception | null> {
  const folders = [environment.GANYMEDE_DATA, "../shared/data"].flatMap((folder) =>
    folder ? [resolve(cwd, folder)] : [],
  );
  return findInception({
    dataFolders: folders,
    ...(inception !== undefined && { inception: resolve(cwd, inception) }),
  });
}

/** Loads the Inception network on the current backend where its weights are found, and lists all metrics then possible. */
export async function openMetrics(options: OpenMetricsOptions): Promise<OpenedMetrics> {
  const found = await findDetector(options);
  const detector = await found?.open();
  const own = metrics(detector === undefined ? {} : { detector }).metrics ?? [];
  const ids = new Set(own.map(({ id }) => id));
  const others = options.registry.list("metrics").filter(({ id }) => !ids.has(id));
  return {
    list: [...own, ...others] as unknown as readonly AnyMetric[],
    detector: detector?.id,
    description: found?.description ?? "no Inception weights were found (name them with --inception)",
    dispose: () => detector?.dispose(),
  };
}

/**
 * The metrics of a comma-separated list.
 *
 * @throws GanymedeError `unknown-name` with what can be had, and why no more.
 */
export function pickMetrics(opened: OpenedMetrics, ids: string): readonly AnyMetric[] {
  return ids.split(",").map((id) => {
    const found = opened.list.find((metric) => metric.id === id.trim());
    if (found !== undefined) return found;
    const known = opened.list.map((metric) => metric.id);
    throw new GanymedeError(
      "unknown-name",
      `--metric: it must be one that can be had, got "${id}"; ${suggestion(id, known)} (${opened.description})`,
    );
  });
}
