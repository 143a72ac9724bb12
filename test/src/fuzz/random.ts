/** Numbers from a seed: the same file comes from the same seed in any process. */
export interface Random {
  /** A whole number from 0 to `below - 1`. */
  below(limit: number): number;
  /** One of the values. */
  pick<T>(values: readonly T[]): T;
}

/** 32 bits from 32 bits, all of which matter (the finalizer of MurmurHash3). */
function mix(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** @param parts a seed and what the numbers are for. */
export function randomFrom(...parts: readonly (number | string)[]): Random {
  let state = 0x9e3779b9;
  for (const part of parts) {
    for (const letter of String(part)) state = mix(state ^ (letter.codePointAt(0) as number)) + 0x9e3779b9;
  }
  const below = (limit: number): number => {
    state = (state + 0x9e3779b9) | 0;
    return Math.floor((mix(state) / 2 ** 32) * limit);
  };
  return { below, pick: (values) => values[below(values.length)] as (typeof values)[number] };
}
