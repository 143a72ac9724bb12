const length = 624;
const middle = 397;

/**
 * The 32-bit words of `numpy.random.RandomState(seed)`: Mersenne Twister 19937 seeded with one integer.
 *
 * Source: Matsumoto and Nishimura 1998. Used only to reproduce the subsets of published metrics; everything else draws from keys.
 */
function mersenneTwister(seed: number): () => number {
  const state = new Uint32Array(length);
  state[0] = seed;
  for (let i = 1; i < length; i++) {
    const before = state[i - 1]!;
    state[i] = Math.imul(1812433253, before ^ (before >>> 30)) + i;
  }
  let next = length;
  const twist = (): void => {
    for (let i = 0; i < length; i++) {
      const bits = (state[i]! & 0x80000000) | (state[(i + 1) % length]! & 0x7fffffff);
      state[i] = state[(i + middle) % length]! ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
    }
    next = 0;
  };
  return () => {
    if (next === length) twist();
    let y = state[next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/** The draws of NumPy's legacy generator that metrics use. */
export interface NumpyRandom {
  /** `permutation(size)`; the first `count` of it are `choice(size, count, replace=False)`. */
  permutation(size: number): Int32Array;
  /** `choice(size, count, replace=False)`. */
  choice(size: number, count: number): Int32Array;
}

/** `numpy.random.RandomState(seed)`, for 32-bit seeds. */
export function numpyRandom(seed: number): NumpyRandom {
  const word = mersenneTwister(seed);
  /** Uniform in [0, most], by rejection with the smallest mask that covers `most`. */
  const upTo = (most: number): number => {
    const mask = 2 ** (32 - Math.clz32(most)) - 1;
    for (;;) {
      const value = (word() & mask) >>> 0;
      if (value <= most) return value;
    }
  };
  const permutation = (size: number): Int32Array => {
    const order = Int32Array.from({ length: size }, (_, i) => i);
    for (let i = size - 1; i > 0; i--) {
      const j = upTo(i);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  };
  return { permutation, choice: (size, count) => permutation(size).slice(0, count) };
}
