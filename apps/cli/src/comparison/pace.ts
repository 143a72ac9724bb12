import type { MetricsLine } from "@ganymede/training";

const numbers = (lines: readonly MetricsLine[], name: string): readonly number[] =>
  lines.flatMap(({ [name]: value }) => (typeof value === "number" ? [value] : []));

/** Seconds of training in a log, in which each session counts from 0. */
export function secondsSpent(lines: readonly MetricsLine[]): number {
  const seconds = numbers(lines, "seconds");
  return seconds.reduce((sum, value, at) => {
    const next = seconds[at + 1];
    return next === undefined || next < value ? sum + value : sum;
  }, 0);
}

/** Median pace of a log in images per second, without the first line, which includes start-up. */
export function medianPace(lines: readonly MetricsLine[]): number {
  const all = numbers(lines, "imagesPerSecond");
  const paces = [...(all.length > 1 ? all.slice(1) : all)].sort((a, b) => a - b);
  return paces[paces.length >> 1] ?? 0;
}
