import { availableParallelism } from "node:os";
import { largestBatch } from "@ganymede/training";

/** Numbers that an option takes, ends included unless said. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
  /** No fractions. */
  readonly whole: boolean;
  /** The low end itself is not taken. */
  readonly above?: true;
}

const whole = (low: number, high: number): NumberRange => ({ low, high, whole: true });
const real = (low: number, high: number): NumberRange => ({ low, high, whole: false });
const above = (low: number, high: number): NumberRange => ({ low, high, whole: false, above: true });

/** Threads that wait turn in circles; with many more than cores, a step takes hours, and no signal is heard meanwhile. */
export const threadsPerCore = 4;

const steps = whole(1, 1_000_000_000);

/**
 * The range of every number on the command line, checked before anything starts. Upper ends are far beyond what is of use and short of
 * what no memory holds; where one name means different things, the command stands before it.
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

/** Names of options that take numbers, with the command where the range is its own. */
export type NumberOption = keyof typeof numberRanges;

/** The range of a command's option; null for one that takes no numbers. */
export function rangeOf(command: string, flag: string): NumberRange | null {
  const ranges: Readonly<Record<string, NumberRange>> = numberRanges;
  return ranges[`${command} ${flag}`] ?? ranges[flag] ?? null;
}

/** `1 to 1,024`, or `above 0 to 100`. */
export function describeRange({ low, high, above: isAbove }: NumberRange): string {
  const [from, to] = [low, high].map((end) => end.toLocaleString("en-US"));
  return `${isAbove ? "above " : ""}${from} to ${to}`;
}
