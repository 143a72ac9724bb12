import type { Extractor, ExtractorInputs, MetricInputs, Ref, Registry } from "@ganymede/core";
import { refId, resolveRef } from "@ganymede/core";
import type { AnyMetric } from "../evaluate/measure.js";

/** Metrics by reference, with shared extractors. */
export interface OpenedMetrics {
  /**
   * Opens a metric, with its extractor loaded on the current backend.
   *
   * @throws GanymedeError `unknown-name` with similar names, `invalid-config` for its settings, `missing-file` for missing weights.
   */
  open(ref: Ref): Promise<AnyMetric>;
  /** What the metric lacks on this machine, as a noun phrase; null if nothing. Loads nothing. */
  needs(ref: Ref): Promise<string | null>;
  dispose(): void;
}

export interface OpenMetricsOptions extends ExtractorInputs {
  readonly registry: Registry;
  /** `--inception`: weights of the extractor `inception`, unless a reference names them. */
  readonly inception: string | undefined;
}

/** Expands the short form `fid-768` to `{ id: "fid", dims: 768 }`. */
function expand(registry: Registry, ref: Ref): Ref {
  if (typeof ref !== "string") return ref;
  const metrics = registry.list("metrics");
  if (metrics.some(({ id }) => id === ref)) return ref;
  const [, id, dims] = /^(.+)-([1-9]\d*)$/.exec(ref) ?? [];
  const component = metrics.find((each) => each.id === id);
  return component !== undefined && "dims" in component.defaults ? { id: component.id, dims: Number(dims) } : ref;
}

/** Opens metrics; each extractor is loaded once, when a metric first needs it. */
export function openMetrics({ registry, inception, cwd, environment }: OpenMetricsOptions): OpenedMetrics {
  const extractors = new Map<string, Promise<Extractor>>();
  const extractorOf = (ref: Ref) => {
    const isBare = refId(ref) === "inception" && (typeof ref === "string" || ref.weights === undefined);
    const given = isBare && inception !== undefined ? { id: "inception", weights: inception } : ref;
    return resolveRef(registry.list("extractors"), given, "feature extractor", "extractor");
  };
  const files: ExtractorInputs = { cwd, environment };
  const inputs: MetricInputs = {
    extractor(ref) {
      const part = extractorOf(ref);
      const name = JSON.stringify([part.id, part.settings]);
      const opened = extractors.get(name) ?? part.create(files);
      extractors.set(name, opened);
      return opened;
    },
    async extractorNeeds(ref, use) {
      const id = refId(ref);
      if (registry.owner("extractors", id) === undefined) return `a plugin with the feature extractor "${id}"`;
      const part = extractorOf(ref);
      return (await part.needs?.(part.settings as never, files, use)) ?? null;
    },
  };
  const metricOf = (ref: Ref) => resolveRef(registry.list("metrics"), expand(registry, ref), "metric", "`metrics`");
  return {
    open: async (ref) => metricOf(ref).create(inputs),
    async needs(ref) {
      const part = metricOf(ref);
      return (await part.needs?.(part.settings as never, inputs)) ?? null;
    },
    dispose() {
      for (const opened of extractors.values()) {
        opened.then(
          (extractor) => extractor.dispose(),
          () => undefined, // It failed to load; the caller that requested it has the error.
        );
      }
      extractors.clear();
    },
  };
}

/** Metrics in order; see `OpenedMetrics.open`. */
export async function openEach(opened: OpenedMetrics, refs: readonly Ref[]): Promise<readonly AnyMetric[]> {
  const metrics: AnyMetric[] = [];
  for (const ref of refs) metrics.push(await opened.open(ref));
  return metrics;
}
