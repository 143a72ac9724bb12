/** Red, green and blue, 0 to 255. */
export type Colour = readonly [number, number, number];

/** Linear light to sRGB. */
function encoded(light: number): number {
  const inside = Math.min(1, Math.max(0, light));
  return Math.round(255 * (inside <= 0.0031308 ? 12.92 * inside : 1.055 * inside ** (1 / 2.4) - 0.055));
}

/**
 * A colour of lightness 0 to 1, chroma 0 to about 0.3 and hue in turns.
 *
 * Source: the matrices of Ottosson 2020, OKLab, https://bottosson.github.io/posts/oklab/.
 */
export function perceptual(lightness: number, chroma: number, hue: number): Colour {
  const a = chroma * Math.cos(2 * Math.PI * hue);
  const b = chroma * Math.sin(2 * Math.PI * hue);
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    encoded(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
    encoded(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
    encoded(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
  ];
}

/** Heat map colour for a value in [0, 1]: lightness increases evenly while the hue changes from violet through red to yellow. */
export function heat(value: number): Colour {
  return perceptual(0.15 + 0.8 * value, 0.06 + 0.12 * Math.sin(0.8 * Math.PI * value), 0.8 + 0.5 * value);
}

const goldenTurn = (Math.sqrt(5) - 1) / 2;

/** Colour of a segment: hues far from the previous ones, in four lightnesses. */
export function segmentColour(index: number): Colour {
  return perceptual(0.5 + 0.12 * (index % 4), 0.17, (index * goldenTurn) % 1);
}
