/** Multipliers of two independent 32-bit hashes (Knuth's golden ratio; MurmurHash3's first constant). */
const [firstFactor, secondFactor] = [0x9e3779b1, 0xcc9e2d51];

/**
 * A 64-bit hash of some bytes, and their count. For telling models apart, not for security.
 *
 * @param bytes bytes of any length and alignment.
 */
export function digest(bytes: Uint8Array): string {
  // Words of four bytes, the last padded with zeros, read from aligned memory.
  const count = Math.ceil(bytes.length / 4);
  const fits = bytes.byteOffset % 4 === 0 && bytes.length % 4 === 0;
  const memory = fits ? bytes : new Uint8Array(count * 4);
  if (!fits) memory.set(bytes);
  const words = new Int32Array(memory.buffer, memory.byteOffset, count);
  let [first, second] = [0, bytes.length | 0];
  for (let i = 0; i < count; i++) {
    const word = words[i]!;
    first = Math.imul(first ^ word, firstFactor);
    first ^= first >>> 15;
    second = Math.imul((second + word) | 0, secondFactor);
    second ^= second >>> 13;
  }
  return `${(first >>> 0).toString(36)}-${(second >>> 0).toString(36)}-${bytes.length}`;
}
