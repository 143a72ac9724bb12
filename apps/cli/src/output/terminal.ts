import { nameOptions } from "./option-names.js";

/** Output of a command: results to `out`, messages to the other stream. */
export interface Terminal {
  /** Prints a line of results to standard output. */
  out(line: string): void;
  /** Prints a message to standard error. */
  note(line: string): void;
  /** Replaces the status line; shown only if `live` is true. */
  status(line: string): void;
  /** True if the status line can be overwritten. */
  readonly live: boolean;
  /** Bold text if colours are enabled, else the text itself. */
  bold(text: string): string;
  dim(text: string): string;
}

/** The used part of a stream. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Colours as in https://no-color.org: a non-empty `NO_COLOR` disables them, and so does a pipe. */
function wantsColour(stream: Stream, environment: Environment): boolean {
  return stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb";
}

/** A terminal on two streams; the cursor moves only if the second is a terminal. */
export function createTerminal(stdout: Stream, stderr: Stream, environment: Environment): Terminal {
  const live = stderr.isTTY === true && environment.TERM !== "dumb" && !environment.CI;
  const colour = wantsColour(stdout, environment) && wantsColour(stderr, environment);
  const wrap = (code: number) => (text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  let shown = "";
  const erase = (): void => {
    if (shown !== "") stderr.write("\r\u001b[2K");
  };
  const draw = (): void => {
    if (shown !== "") stderr.write(shown);
  };
  return {
    live,
    bold: wrap(1),
    dim: wrap(2),
    out(line) {
      erase();
      stdout.write(`${line}\n`);
      draw();
    },
    note(line) {
      erase();
      stderr.write(`${nameOptions(line)}\n`);
      draw();
    },
    status(line) {
      if (!live) return;
      erase();
      shown = line.slice(0, (stderr.columns ?? 80) - 1);
      draw();
    },
  };
}
