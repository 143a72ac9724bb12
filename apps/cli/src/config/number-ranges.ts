import { availableParallelism } from "node:os";
import { largestBatch } from "@ganymede/core/config";

/** Range of a numeric option, inclusive by default. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
  /** Whether it must be an integer. */
  readonly whole: boolean;
  /** Whether the lower bound is exclusive. */
  readonly above?: true;
}

const whole = (low: number, high: number): NumberRange => ({ low, high, whole: true });
const real = (low: number, high: number): NumberRange => ({ low, high, whole: false });
const above = (low: number, high: number): NumberRange => ({ low, high, whole: false, above: true });

/** Waiting threads spin; with many more than cores, a step takes hours and signals are not handled meanwhile. */
export const threadsPerCore = 4;

const steps = whole(1, 1_000_000_000);

/**
 * The range of every number on the command line, checked before anything starts. Upper bounds are far above useful values but small enough
 * to be allocated; if a name has several meanings, the command comes before it.
 */
export const numberRanges = {
  "--threads": whole(1, threadsPerCore * availableParallelism()),
  "--seed": whole(0, Number.MAX_SAFE_INTEGER),
  "--steps": steps,
  "--minutes": above(0, 525_600),
  "--batch": whole(1, largestBatch),
  "--log-every": steps,
  "--sample-every": steps,
  "--checkpoint-every": steps,
  "--metric-every": steps,
  "--metric-images": whole(2, 10_000_000),
  "--keep": whole(1, 1_000_000),
  "train --images": whole(1, 1_000_000_000_000),
  "compare --images": whole(1, 1_000_000_000_000),
  "start --images": whole(2, 10_000_000),
  "sample --count": whole(1, 100_000),
  "attend --count": whole(1, 1024),
  "eval --count": whole(2, 10_000_000),
  "--size": whole(1, 4096),
  "--truncation": above(0, 100),
  "--psi": real(0, 1),
  "--psi-sweep": real(-10, 10),
  "--class": whole(0, 1_000_000),
  "--interpolate": whole(2, 1000),
  "--frame-ms": whole(1, 60_000),
  "--mix-from": whole(1, 1000),
  "--standing-passes": whole(1, 100_000),
  "--standing-batch": whole(2, 65_536),
  "--layer": whole(1, 10_000),
  "--head": whole(1, 10_000),
  "--query": whole(0, 65_535),
} as const satisfies Readonly<Record<string, NumberRange>>;

/** Names of numeric options, preceded by the command if the range is specific to it. */
export type NumberOption = keyof typeof numberRanges;

/** The range of a command's option; null for one that is not numeric. */
export function rangeOf(command: string, flag: string): NumberRange | null {
  const ranges: Readonly<Record<string, NumberRange>> = numberRanges;
  return ranges[`${command} ${flag}`] ?? ranges[flag] ?? null;
}

/** A whole number with commas. `toLocaleString` does the same, but its tables take 20 ms to load, a fifth of the help's time. */
const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** `1 to 1,024`, or `above 0 to 100`. */
export function describeRange({ low, high, above: isAbove }: NumberRange): string {
  const [from, to] = [low, high].map((end) => grouped(end));
  return `${isAbove ? "above " : ""}${from} to ${to}`;
}
