import type { Logger, LoggerInputs } from "@ganymede/core";
import { defineComponent } from "@ganymede/core";
import { expectFiles } from "./expect-files.js";

const name = "metrics.csv";

const cell = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/** Splits a line that `cell` wrote. */
function cellsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
    quoted === undefined ? (plain as string) : quoted.replaceAll('""', '"'),
  );
}

function create(_: object, { files, firstStep }: LoggerInputs): Logger {
  const disk = expectFiles(files, "csv");
  let columns: readonly string[] | undefined;
  /** The rows up to the checkpoint that the run resumes from, without a truncated last line. */
  const rowsSoFar = async (): Promise<readonly string[]> => {
    const bytes = await disk.read(name);
    const [head, ...rows] = new TextDecoder()
      .decode(bytes ?? new Uint8Array(0))
      .split("\n")
      .slice(0, -1);
    if (head === undefined) return [];
    columns = cellsOf(head);
    return rows.filter((row) => Number.parseInt(row, 10) <= firstStep);
  };
  /** Adds columns, left empty in earlier rows. */
  const widen = async (wanted: readonly string[]): Promise<void> => {
    const isFirst = columns === undefined;
    const bytes = isFirst ? null : await disk.read(name);
    const rows = isFirst
      ? await rowsSoFar()
      : new TextDecoder()
          .decode(bytes ?? new Uint8Array(0))
          .split("\n")
          .slice(1, -1);
    const before = columns ?? ["step"];
    const added = wanted.filter((each) => !before.includes(each));
    columns = [...before, ...added];
    const padded = rows.map((row) => row + ",".repeat(added.length));
    await disk.replace(name, `${[columns.map(cell).join(","), ...padded].join("\n")}\n`);
  };
  return {
    async scalars(step, values) {
      const wanted = Object.keys(values);
      if (columns === undefined || wanted.some((each) => !columns?.includes(each))) await widen(wanted);
      const row = (columns as readonly string[]).map((each) => (each === "step" ? step : (values[each] ?? "")));
      await disk.append(name, `${row.join(",")}\n`);
    },
  };
}

/** A table `metrics.csv` in the run folder (RFC 4180): one row per line of the log, one column per number, empty where it was not measured. */
export const csv = defineComponent({
  id: "csv",
  source: "https://www.rfc-editor.org/rfc/rfc4180",
  defaults: {},
  create,
});
