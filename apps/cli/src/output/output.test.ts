import { describe, expect, it } from "vitest";
import { secondsLeft, trainingDisplay } from "./progress.js";
import { formatTable } from "./table.js";
import { createTerminal } from "./terminal.js";
import { formatDuration, formatNumber } from "./units.js";

function stream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 40, written, write: (text: string) => written.push(text) };
}

const progress = { step: 10, images: 320, seconds: 20, imagesPerSecond: 16 };

describe("createTerminal", () => {
  it("writes plain lines to a pipe: no colour, no live line", () => {
    const [out, notes] = [stream(false), stream(false)];
    const terminal = createTerminal(out, notes, {});
    terminal.status("live");
    terminal.out(terminal.bold("result"));
    terminal.note("note");
    expect([out.written, notes.written]).toEqual([["result\n"], ["note\n"]]);
  });

  it("keeps the live line below what is written, cut to the width", () => {
    const notes = stream(true);
    const terminal = createTerminal(stream(true), notes, {});
    terminal.status("x".repeat(60));
    terminal.note("note");
    expect(notes.written.at(-3)).toBe("\r\u001b[2K");
    expect(notes.written.at(-2)).toBe("note\n");
    expect(notes.written.at(-1)).toBe("x".repeat(39));
  });

  it("obeys NO_COLOR, and a terminal without control codes", () => {
    const colour = createTerminal(stream(true), stream(true), {});
    expect(colour.bold("a")).toBe("\u001b[1ma\u001b[0m");
    expect(createTerminal(stream(true), stream(true), { NO_COLOR: "1" }).bold("a")).toBe("a");
    expect(createTerminal(stream(true), stream(true), { TERM: "dumb" }).live).toBe(false);
  });
});

describe("trainingDisplay", () => {
  it("shows step, pace, losses and time left", () => {
    const notes = stream(true);
    const wide = { ...notes, columns: 200 };
    const display = trainingDisplay(createTerminal(stream(true), wide, {}), 0, { steps: 100, seconds: 60 });
    display.onStep({ ...progress, report: { "loss/d": 1.25, "logits/real": 0.5, "loss/g": 2 } });
    const line = "step 10/100  16.00 images/s  0:40 left  loss/d 1.250  loss/g 2.000  logits/real 0.5000";
    expect(notes.written.at(-1)).toBe(line);
    display.onStep({ ...progress, step: 11, report: null });
    expect(notes.written.at(-1)).toMatch(/^step 11\/100 .* left {2}at step 10: {2}loss\/d 1\.250 /);
  });

  it("writes a plain line every ten seconds to a pipe", () => {
    const notes = stream(false);
    const display = trainingDisplay(createTerminal(notes, notes, {}), 0, {
      steps: 100,
      seconds: Number.POSITIVE_INFINITY,
    });
    for (let seconds = 0; seconds < 25; seconds++) display.onStep({ ...progress, seconds, report: null });
    expect(notes.written.length).toBe(3);
  });

  it("counts down to the limit that comes first, from where the run began", () => {
    expect(secondsLeft(progress, 5, { steps: 20, seconds: 1000 })).toBe(40);
    expect(secondsLeft(progress, 5, { steps: 20, seconds: 25 })).toBe(5);
  });
});

describe("units and tables", () => {
  it("formats for people", () => {
    expect([formatDuration(65), formatDuration(7207)]).toEqual(["1:05", "2:00:07"]);
    expect([formatNumber(0.71234), formatNumber(12345), formatNumber(Number.NaN)]).toEqual(["0.7123", "12345", "NaN"]);
    expect(formatTable(["a", "b"], [["long", "x"]])).toEqual(["a     b", "long  x"]);
  });
});
