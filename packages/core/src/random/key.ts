/**
 * A random key, as in JAX: a key and a label give a new key, and a key gives one draw. There is no hidden state, so a run is a
 * function of its seed, and a resumed run repeats it bit for bit.
 */
export interface Key {
  /** Two 32-bit words. During tracing a key records the folds that lead to it instead (see `traced`). */
  readonly words: readonly [number, number];
  /** Set only during tracing: the argument that the key came from, and the folds applied since. */
  readonly traced?: TracedKey;
}

/** A key inside a compiled function: its argument, and the labels folded in since. */
export interface TracedKey {
  readonly argument: number;
  readonly folds: readonly (string | number)[];
}

const mask32 = 0xffffffff;

/** Finalising mixer of MurmurHash3: every input bit affects every output bit. */
function mix(value: number): number {
  let h = value | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function absorb(words: readonly [number, number], value: number): readonly [number, number] {
  const low = mix(words[0] ^ Math.imul(value | 0, 0x9e3779b1));
  const high = mix((words[1] + Math.imul(low, 0x27d4eb2f) + (value | 0)) & mask32);
  return [mix(low ^ high), high];
}

/** The key of a seed, a safe integer. */
export function key(seed: number): Key {
  return { words: absorb(absorb([0x243f6a88, 0x85a308d3], seed % 2 ** 32), Math.floor(seed / 2 ** 32)) };
}

/**
 * Derives a key for a part or a step. Fold by name rather than by position, so that a new layer leaves the initial values of all other
 * layers unchanged.
 */
export function fold(parent: Key, label: string | number): Key {
  if (parent.traced !== undefined) {
    return { words: parent.words, traced: { ...parent.traced, folds: [...parent.traced.folds, label] } };
  }
  if (typeof label === "number") return { words: absorb(absorb(parent.words, 1), label) };
  let words = absorb(parent.words, 2);
  for (let i = 0; i < label.length; i++) words = absorb(words, label.charCodeAt(i));
  return { words };
}
