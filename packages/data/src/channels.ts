/**
 * Converts grey `[..., 1]` to colour by repeating the value, or colour `[..., 3]` to grey by luma; returns the same array if nothing changes.
 * L = (19595 R + 38470 G + 7471 B + 32768) >> 16, the weights 0.299, 0.587 and 0.114 with 16 bits.
 *
 * Source: ITU-R BT.601, rounded like Pillow's mode "L".
 */
export function convertChannels(pixels: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return pixels;
  const count = pixels.length / from;
  const out = new Uint8Array(count * to);
  if (from === 1) {
    for (let i = 0; i < count; i++) out.fill(pixels[i] as number, i * to, (i + 1) * to);
    return out;
  }
  for (let i = 0; i < count; i++) {
    const red = pixels[3 * i] as number;
    const green = pixels[3 * i + 1] as number;
    const blue = pixels[3 * i + 2] as number;
    out[i] = (19_595 * red + 38_470 * green + 7_471 * blue + 32_768) >> 16;
  }
  return out;
}
