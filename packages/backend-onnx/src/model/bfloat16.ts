const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** The bits of the nearest bfloat16 number, halves to even: the upper half of a float32, with as wide a range and 8 significant bits. */
export function toBfloat16(value: number): number {
  floats[0] = value;
  const all = bits[0]!;
  if ((all & 0x7fff_ffff) > 0x7f80_0000) return (all >>> 16) | 0x40;
  return ((all + 0x7fff + ((all >>> 16) & 1)) >>> 16) & 0xffff;
}

/** The number that the bits of a bfloat16 stand for. */
export function fromBfloat16(half: number): number {
  bits[0] = half << 16;
  return floats[0]!;
}
