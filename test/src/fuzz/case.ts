import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import { hostile } from "./hostile.js";
import { mutate } from "./mutate.js";
import { randomFrom } from "./random.js";
import { readers } from "./readers.js";
import { type Format, formats, type Seeds } from "./seeds.js";

/** One file: the same for the same numbers, in any process. */
export interface FuzzCase {
  readonly format: Format;
  readonly seed: number;
  readonly index: number;
}

/** What became of a file. */
export interface Outcome {
  /** Read to its end, refused in a typed sentence, or neither. */
  readonly kind: "read" | "refused" | "untyped";
  readonly message: string;
}

/** The bytes of a case; one in four is made up where its format has such files. */
export function bytesOf({ format, seed, index }: FuzzCase, seeds: Seeds): Uint8Array {
  const random = randomFrom(seed, format, index);
  const generate = hostile[format];
  if (generate !== undefined && random.below(4) === 0) return generate(random, seeds[format]);
  const other: Format = random.below(3) === 0 ? "npz" : format;
  return mutate(random.pick(seeds[format]), random, random.pick(seeds[other]));
}

/** Longest error that still is a sentence. */
const longest = 2000;

/** Reads a case in a folder of its own, which is gone afterwards. */
export async function readCase(each: FuzzCase, seeds: Seeds, folder: string): Promise<Outcome> {
  const bytes = bytesOf(each, seeds);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(join(folder, formats[each.format]), bytes);
    await readers[each.format](folder, bytes);
    return { kind: "read", message: "" };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const isSentence = GanymedeError.is(error) && !message.includes("\n") && message.length <= longest;
    const stack = error instanceof Error ? (error.stack ?? message) : message;
    return { kind: isSentence ? "refused" : "untyped", message: isSentence ? message : stack.slice(0, longest) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
