import type { Random } from "./random.js";

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const joined = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts));

function changed(bytes: Uint8Array, at: number, written: readonly number[]): Uint8Array {
  const out = bytes.slice();
  for (const [i, byte] of written.entries()) if (at + i < out.length) out[at + i] = byte;
  return out;
}

/** Numbers that lengths, counts and offsets go wrong at. */
const edges = [
  0n,
  1n,
  0x7fn,
  0xffn,
  0x7fffn,
  0xffffn,
  0x7fffffffn,
  0xffffffffn,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 64n - 1n,
];

const mutations: readonly Mutation[] = [
  // A few bits flip.
  (bytes, random) => {
    const out = bytes.slice();
    for (let left = 1 + random.below(3); left > 0; left--) out[random.below(out.length)]! ^= 1 << random.below(8);
    return out;
  },
  // The file ends early.
  (bytes, random) => bytes.slice(0, random.below(bytes.length)),
  // It goes on as another file.
  (bytes, random, other) =>
    joined(bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length))),
  // A number becomes an extreme one, in either order of bytes.
  (bytes, random) => {
    const width = random.pick([1, 2, 4, 8]);
    const value = random.pick(edges);
    const written = Array.from({ length: width }, (_, i) => Number((value >> BigInt(8 * i)) & 255n));
    return changed(bytes, random.below(bytes.length), random.below(2) === 0 ? written : written.reverse());
  },
  // A part stands there twice.
  (bytes, random) => {
    const from = random.below(bytes.length);
    const part = bytes.subarray(from, from + 1 + random.below(256));
    const at = random.below(bytes.length);
    return joined(bytes.subarray(0, at), part, bytes.subarray(at));
  },
  // A part is missing.
  (bytes, random) => {
    const at = random.below(bytes.length);
    return joined(bytes.subarray(0, at), bytes.subarray(at + 1 + random.below(64)));
  },
  // Digits become others, or many.
  (bytes, random) => {
    const digits = [...bytes.keys()].filter((at) => bytes[at]! >= 0x30 && bytes[at]! <= 0x39);
    if (digits.length === 0) return bytes.slice(0, random.below(bytes.length));
    const at = random.pick(digits);
    const text = random.pick(["0", "-1", "9", "1e9", "1e309", "0.5", "99999999999999999999", "4294967296", "null"]);
    return joined(bytes.subarray(0, at), new TextEncoder().encode(text), bytes.subarray(at + 1));
  },
];

/** A file with one to three changes of those that files suffer or that somebody makes on purpose. */
export function mutate(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let out = bytes;
  for (let left = random.pick([1, 1, 1, 2, 3]); left > 0 && out.length > 0; left--) {
    out = random.pick(mutations)(out, random, other);
  }
  return out;
}
