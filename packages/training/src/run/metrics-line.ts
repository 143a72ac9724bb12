/** Numbers of one step, as a line of `metrics.jsonl` has them. */
export type MetricsLine = Readonly<Record<string, number | string>> & { readonly step: number };

/** Parses the lines of a log; a line that was cut off by a crash, or is otherwise none of a step, is left out. */
export function parseMetrics(text: string): readonly MetricsLine[] {
  return text.split("\n").flatMap((line) => {
    try {
      const value = JSON.parse(line) as Partial<MetricsLine> | null;
      return Number.isSafeInteger(value?.step) ? [value as MetricsLine] : [];
    } catch {
      return [];
    }
  });
}
