export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LineChart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
}

const [width, height, margin] = [750, 420, 60];
/** Room for the names at the right. */
const legend = 200;
const colors = ["#3b6fb6", "#d1603d", "#4d9a57", "#8a5aa8", "#b08a2e", "#4aa3a3"];
/** Lines of the same color differ by their dashes. */
const dashes = ["", 'stroke-dasharray="7 3"', 'stroke-dasharray="2 3"'];

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Positions of values on a logarithmic axis from `start` to `end` pixels. */
function scale(values: readonly number[], start: number, end: number): (value: number) => number {
  const [low, high] = [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))];
  return (value) => start + ((Math.log10(value) - low) / (high - low || 1)) * (end - start);
}

/** 1, 2 and 5 times powers of ten within the values. */
function ticks(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const first = Math.floor(Math.log10(low));
  const powers = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, i) => 10 ** (first + i));
  return powers.flatMap((power) => [power, 2 * power, 5 * power]).filter((value) => value >= low && value <= high);
}

/** Lines over two logarithmic axes, as a picture of its own. */
export function lineChart({ title, x, y, series }: LineChart): string {
  const all = series.flatMap(({ points }) => points);
  const [xs, ys] = [all.map((point) => point.x), all.map((point) => point.y)];
  const right = scale(xs, margin, width - legend);
  const up = scale(ys, height - margin, margin);
  const text = (px: number, py: number, words: string, rest = "") =>
    `<text x="${px.toFixed(1)}" y="${py.toFixed(1)}" ${rest}>${escaped(words)}</text>`;
  const grid = [
    ...ticks(xs).map(
      (value) =>
        `<path d="M${right(value).toFixed(1)} ${margin}V${height - margin}" stroke="#ddd"/>` +
        text(right(value), height - margin + 18, String(value), 'text-anchor="middle"'),
    ),
    ...ticks(ys).map(
      (value) =>
        `<path d="M${margin} ${up(value).toFixed(1)}H${width - legend}" stroke="#ddd"/>` +
        text(margin - 8, up(value) + 4, String(Number(value.toPrecision(1))), 'text-anchor="end"'),
    ),
  ];
  const lines = series.map(({ name, points }, i) => {
    const color = colors[i % colors.length] as string;
    const path = points.map(
      (point, j) => `${j === 0 ? "M" : "L"}${right(point.x).toFixed(1)} ${up(point.y).toFixed(1)}`,
    );
    const dots = points.map(
      (p) => `<circle cx="${right(p.x).toFixed(1)}" cy="${up(p.y).toFixed(1)}" r="3" fill="${color}"/>`,
    );
    const line = `fill="none" stroke="${color}" stroke-width="2" ${dashes[Math.floor(i / colors.length) % dashes.length]}`;
    const at = margin + 12 + 22 * i;
    const label = `<path d="M${width - legend + 8} ${at - 4}h20" ${line}/>${text(width - legend + 32, at, name, `fill="${color}"`)}`;
    return `<path d="${path.join("")}" ${line}/>${dots.join("")}${label}`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    text(margin, 28, title, 'font-size="15" font-weight="bold"'),
    ...grid,
    text((width - legend + margin) / 2, height - 14, x, 'text-anchor="middle"'),
    text(14, margin - 16, y),
    ...lines,
    "</svg>\n",
  ].join("\n");
}

/** Charts side by side, so many in a line, as one picture. */
export function chartSheet(charts: readonly string[], columns: number): string {
  const lines = Math.ceil(charts.length / columns);
  const placed = charts.map((chart, i) => {
    const [x, y] = [(i % columns) * width, Math.floor(i / columns) * height];
    return `<svg x="${x}" y="${y}" width="${width}" height="${height}">${chart.trimEnd()}</svg>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${columns * width} ${lines * height}">`,
    ...placed,
    "</svg>\n",
  ].join("\n");
}
