/** Numbers of one step, one line of `metrics.jsonl`. */
export type MetricsLine = Readonly<Record<string, number | string>> & { readonly step: number };

/** Parses the lines of a log; skips a line that a crash truncated or that is not of a step. */
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
