/**
 * Grey `[..., 1]` to colour by repeating the value, colour `[..., 3]` to grey by luma, or the same bytes when nothing changes.
 *
 * Source of the luma weights 0.299, 0.587, 0.114: ITU-R BT.601.
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
    out[i] = Math.round(0.299 * red + 0.587 * green + 0.114 * blue);
  }
  return out;
}
