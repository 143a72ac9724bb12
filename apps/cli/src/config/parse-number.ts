import { GanymedeError } from "@ganymede/core";

/** A reader of an option's value that wants a whole number from `low` on. */
export function wholeNumber(option: string, low: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isSafeInteger(value) && value >= low) return value;
    throw new GanymedeError(
      "invalid-argument",
      `${option}: it must be a whole number of at least ${low}, got "${text}"`,
    );
  };
}

/** A reader of an option's value that wants a number above 0. */
export function positiveNumber(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && Number.isFinite(value) && value > 0) return value;
    throw new GanymedeError("invalid-argument", `${option}: it must be a number above 0, got "${text}"`);
  };
}

/** A reader of an option's value that wants a number from 0 to 1. */
export function share(option: string): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= 0 && value <= 1) return value;
    throw new GanymedeError("invalid-argument", `${option}: it must be a number from 0 to 1, got "${text}"`);
  };
}

/** A reader of an option's value that wants numbers with commas between them. */
export function numberList(option: string): (text: string) => readonly number[] {
  return (text) => {
    const values = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
    if (values.every(Number.isFinite)) return values;
    throw new GanymedeError(
      "invalid-argument",
      `${option}: it must be numbers with commas between them, got "${text}"`,
    );
  };
}

/** A reader of an option's value that wants the row and the column of a token, from 0. */
export function tokenPlace(option: string): (text: string) => readonly [row: number, column: number] {
  return (text) => {
    const match = /^(\d+),(\d+)$/.exec(text.trim());
    if (match !== null) return [Number(match[1]), Number(match[2])];
    throw new GanymedeError("invalid-argument", `${option}: it must be a row and a column, as 3,4, got "${text}"`);
  };
}
