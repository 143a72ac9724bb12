export interface MapRow {
  readonly name: string;
  /** One map for each column, values in [0, 1], row by row. */
  readonly maps: readonly (readonly number[])[];
}

export interface MapsPicture {
  /** One image for each column: colours as `#rrggbb`, row by row, of the same square. */
  readonly images: readonly (readonly string[])[];
  /** The token that asks, in each column. */
  readonly asking: readonly number[];
  readonly rows: readonly MapRow[];
}

const [cell, gap, label] = [64, 8, 150];

/** Squares of one column's picture, as one path for each colour. */
function squares(colors: readonly string[], left: number, top: number): string {
  const side = Math.sqrt(colors.length);
  const size = cell / side;
  const byColor = new Map<string, string>();
  for (const [i, color] of colors.entries()) {
    const at = `M${(left + (i % side) * size).toFixed(1)} ${(top + Math.floor(i / side) * size).toFixed(1)}h${size}v${size}h-${size}z`;
    byColor.set(color, (byColor.get(color) ?? "") + at);
  }
  return [...byColor].map(([color, path]) => `<path fill="${color}" d="${path}"/>`).join("");
}

/** White to dark blue, in 16 steps. */
function shade(value: number): string {
  const step = Math.round(Math.sqrt(value) * 15) / 15;
  const mix = (to: number) => Math.round(255 + (to - 255) * step);
  return `#${[mix(16), mix(42), mix(110)].map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** A table of maps: images on top, one row for each variant, the asking token framed. */
export function mapsPicture({ images, asking, rows }: MapsPicture): string {
  const width = label + images.length * (cell + gap);
  const height = (rows.length + 1) * (cell + gap) + gap;
  const frame = (column: number, top: number, side: number): string => {
    const size = cell / side;
    const [x, y] = [(asking[column] as number) % side, Math.floor((asking[column] as number) / side)];
    const left = label + column * (cell + gap) + x * size;
    return `<rect x="${left}" y="${top + y * size}" width="${size}" height="${size}" fill="none" stroke="#d1603d" stroke-width="1.5"/>`;
  };
  const side = Math.sqrt(rows[0]?.maps[0]?.length ?? 1);
  const line = (name: string, top: number, columns: readonly (readonly string[])[]): string =>
    [
      `<text x="${gap}" y="${top + cell / 2 + 4}">${name}</text>`,
      ...columns.map((colors, i) => squares(colors, label + i * (cell + gap), top) + frame(i, top, side)),
    ].join("");
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" shape-rendering="crispEdges">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    line("image", gap, images),
    ...rows.map(({ name, maps }, i) =>
      line(
        name,
        gap + (i + 1) * (cell + gap),
        maps.map((map) => map.map(shade)),
      ),
    ),
    "</svg>\n",
  ].join("\n");
}
