import { nameOptions } from "./option-names.js";

/** Where words go. Results go to `out`, everything else to people on the other stream. */
export interface Terminal {
  /** A line of results, on standard output. */
  out(line: string): void;
  /** A line for people, on standard error. */
  note(line: string): void;
  /** Replaces the live line; shown only where `live` is true. */
  status(line: string): void;
  /** True when the live line can be drawn over. */
  readonly live: boolean;
  /** Emphasis where colours are wanted, else the text itself. */
  bold(text: string): string;
  dim(text: string): string;
}

/** The part of a stream that is used. */
export interface Stream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Colours as https://no-color.org asks: a `NO_COLOR` that is not empty turns them off, and so does a pipe. */
function wantsColour(stream: Stream, environment: Environment): boolean {
  return stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== "dumb";
}

/** A terminal over two streams; nothing moves the cursor unless the second is a terminal. */
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
