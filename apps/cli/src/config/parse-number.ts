import { GanymedeError } from "@ganymede/core/errors";
import type { NumberOption, NumberRange } from "./number-ranges.js";
import { describeRange, numberRanges } from "./number-ranges.js";

function isIn(value: number, { low, high, whole, above }: NumberRange): boolean {
  return value <= high && (above ? value > low : value >= low) && (!whole || Number.isSafeInteger(value));
}

/** The option as typed, without the command. */
const flagOf = (option: NumberOption): string => option.replace(/^\w+ /, "");

const numberOf = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

const parse =
  <Value>(option: NumberOption, kind: string, read: (text: string, range: NumberRange) => Value | null) =>
  (text: string): Value => {
    const range = numberRanges[option];
    const value = read(text, range);
    if (value !== null) return value;
    throw new GanymedeError(
      "invalid-argument",
      `${flagOf(option)}: it must be ${kind} ${describeRange(range)}, got "${text}"`,
    );
  };

/** A parser of an option whose value is a number in its range. */
export function numberIn(option: NumberOption): (text: string) => number {
  const { whole, above } = numberRanges[option] as NumberRange;
  const kind = `a ${whole ? "whole " : ""}number${above ? "" : " from"}`;
  return parse(option, kind, (text, range) => (isIn(numberOf(text), range) ? numberOf(text) : null));
}

/** A parser of an option whose value is a comma-separated list of at most 100 numbers in its range. */
export function numberList(option: NumberOption): (text: string) => readonly number[] {
  return parse(option, "numbers with commas between them, at most 100, from", (text, range) => {
    const values = text.split(",").map(numberOf);
    return values.length <= 100 && values.every((value) => isIn(value, range)) ? values : null;
  });
}

/** A parser of an option whose value is the row and column of a token, from 0. */
export function tokenPlace(option: NumberOption): (text: string) => readonly [row: number, column: number] {
  return parse(option, "a row and a column such as 3,4, each from", (text, range) => {
    const [, row, column] = /^(\d+),(\d+)$/.exec(text.trim()) ?? [];
    const place = [Number(row), Number(column)] as const;
    return place.every((value) => isIn(value, range)) ? place : null;
  });
}
