import { formatNumber } from "../output/units.js";
import type { ComparisonResult } from "./comparison-result.js";

/** Head and rows of the table, one row per variant. */
export function comparisonTable(results: readonly ComparisonResult[]): {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
} {
  const metric = results[0]?.metric ?? "";
  const millions = (count: number): string => `${(count / 1e6).toFixed(count < 1e6 ? 3 : 2)} M`;
  return {
    head: ["variant", "generator", "discriminator", "images/s", `${metric} start`, `${metric} end`, "steps", "minutes"],
    rows: results.map(({ variant, parameters, imagesPerSecond, before, after, steps, minutes }) => [
      variant,
      millions(parameters.generator),
      millions(parameters.discriminator),
      formatNumber(imagesPerSecond),
      before.toPrecision(4),
      after === null ? "failed" : after.toPrecision(4),
      String(steps),
      minutes.toFixed(1),
    ]),
  };
}

/** `2000 steps, 10 min`: the budget of each variant. */
function describeBudget({ budget: { steps, images, minutes } }: ComparisonResult): string {
  const given = [
    steps === null ? [] : [`${steps} steps`],
    images === null ? [] : [`${images} images`],
    minutes === null ? [] : [`${minutes} min`],
  ];
  return given.flat().join(" or ");
}

/** The table in Markdown, with its conditions. */
export function comparisonMarkdown(results: readonly ComparisonResult[]): string {
  const { head, rows } = comparisonTable(results);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const ruler = head.map((_, column) => (column === 0 ? "---" : "---:"));
  const [first] = results;
  const about =
    first === undefined
      ? ""
      : `Each variant: ${describeBudget(first)}, seed ${first.seed}, ${first.data}, ${first.backend}; ${first.metric} over ${first.budget.measured} images, ${first.better} is better.`;
  return `${[line(head), line(ruler), ...rows.map(line), "", about].join("\n")}\n`;
}

/** Whether a text is a table of `comparisonMarkdown` and nothing else, such as notes below it. */
export function isComparisonMarkdown(text: string): boolean {
  const [head = "", ...rest] = text.split("\n");
  const isOurs = (line: string): boolean => line === "" || /^\|.*\|$/.test(line) || line.startsWith("Each variant: ");
  return head.startsWith("| variant | generator | discriminator | images/s | ") && rest.every(isOurs);
}
