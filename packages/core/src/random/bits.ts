import type { Key } from "./key.js";

/** A stream of 32-bit words from a key (xoshiro128**, Blackman and Vigna 2018, seeded by SplitMix32). */
export function wordStream(key: Key): () => number {
  let seed = (key.words[0] ^ Math.imul(key.words[1], 0x9e3779b1)) | 0;
  const next32 = (): number => {
    seed = (seed + 0x9e3779b9) | 0;
    let z = seed ^ (seed >>> 16);
    z = Math.imul(z, 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return (z ^ (z >>> 15)) | 0;
  };
  let a = next32() ^ key.words[0];
  let b = next32() ^ key.words[1];
  let c = next32();
  let d = next32() | 1;
  return () => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
}

/** Fills `out` with uniform draws in [low, high). */
export function fillUniform(out: Float32Array, key: Key, low: number, high: number): Float32Array {
  const next = wordStream(key);
  const scale = (high - low) / 16777216;
  for (let i = 0; i < out.length; i++) out[i] = low + (next() >>> 8) * scale;
  return out;
}

/** Fills `out` with normal draws (Box-Muller, in pairs). */
export function fillNormal(out: Float32Array, key: Key, mean: number, deviation: number): Float32Array {
  const next = wordStream(key);
  for (let i = 0; i < out.length; i += 2) {
    // In (0, 1]: avoids the logarithm of zero.
    const radius = deviation * Math.sqrt(-2 * Math.log(((next() >>> 8) + 1) / 16777216));
    const angle = 2 * Math.PI * ((next() >>> 8) / 16777216);
    out[i] = mean + radius * Math.cos(angle);
    if (i + 1 < out.length) out[i + 1] = mean + radius * Math.sin(angle);
  }
  return out;
}

/** Fills `out` with integers, uniform in [low, high). */
export function fillIntegers(out: Int32Array, key: Key, low: number, high: number): Int32Array {
  const next = wordStream(key);
  const range = high - low;
  for (let i = 0; i < out.length; i++) out[i] = low + Math.floor((next() / 4294967296) * range);
  return out;
}

/** A random permutation of 0 .. length-1 (Fisher-Yates). */
export function permutation(key: Key, length: number): Uint32Array {
  const next = wordStream(key);
  const order = Uint32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = Math.floor((next() / 4294967296) * (i + 1));
    const kept = order[i] as number;
    order[i] = order[j] as number;
    order[j] = kept;
  }
  return order;
}
