import { describe, expect, test } from "vitest";
import { charts } from "./charts.js";
import type { VariantRow } from "./rows.js";
import { depthTable, variantTable } from "./rows.js";
import { between } from "./write-docs.js";

const row = (variant: string, tokens: number, answer: VariantRow["answer"]): VariantRow => ({
  engine: "onnx",
  role: "self",
  variant,
  tokens,
  answer,
});
const rows = [
  row("plain", 64, { milliseconds: [3, 1, 2], megabytes: 12.34, gigaflops: 0.1 }),
  row("plain", 256, { milliseconds: [16], megabytes: 150.6, gigaflops: 1.6 }),
  row("narrow", 64, { reason: "narrow: tokens must be more than 64, got 64" }),
  row("narrow", 256, { reason: "needs 13.0 GB" }),
];
const nameOf = ({ variant }: VariantRow) => variant;

describe("the tables", () => {
  test("give medians, short reasons in their cells and long ones below", () => {
    const lines = variantTable(rows, nameOf).split("\n");
    expect(lines[2]).toBe("| plain   | 2 / 12 / 0.1 | 16 / 151 / 1.6 |");
    expect(lines[3]).toBe("| narrow  | see below    | needs 13.0 GB  |");
    expect(lines.at(-1)).toBe("- `narrow`, 64 tokens: narrow: tokens must be more than 64, got 64.");
  });

  test("have a row for each depth", () => {
    const answer = { milliseconds: [5], megabytes: 7, gigaflops: null };
    const [head, , first] = depthTable([{ form: "ordinary", tokens: 1024, depth: 4, answer }]).split("\n");
    expect(head).toBe("| blocks | ordinary, 1,024 tokens |");
    expect(first).toBe("| 4      | 5 / 7                  |");
  });
});

test("charts hold what was measured alone", () => {
  const picture = charts(rows, nameOf);
  expect(picture.match(/<svg /g)).toHaveLength(1 + 2 * 3);
  expect(picture).toContain(">plain<");
  expect(picture).not.toContain(">narrow<");
});

test("text goes between the comments of its name, and nowhere else", () => {
  const page = "a\n<!-- x -->\nold\n<!-- /x -->\nb\n";
  expect(between(page, "x", "new")).toBe("a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb\n");
  expect(() => between(page, "y", "new")).toThrow(/must hold <!-- y --> and <!-- \/y -->/);
});
