import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { testCommand } from "../fixtures/test-context.js";
import { createProgram } from "../program.js";
import { describeRange, numberRanges, rangeOf, threadsPerCore } from "./number-ranges.js";
import { numberIn, numberList, tokenPlace } from "./parse-number.js";

const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");

describe("numbers on the command line", () => {
  it("have a range each, which the help and the README name", async () => {
    const { context } = await testCommand();
    const used = new Set<string>();
    for (const command of createProgram("0", context, () => undefined).commands) {
      const numbers = command.options.filter(({ flags }) =>
        /<(number|steps|pixels|share|bound|layer|list|row,column)>/.test(flags),
      );
      for (const { long, description } of numbers) {
        const range = rangeOf(command.name(), long!);
        expect(range, `${command.name()} ${long}`).not.toBeNull();
        expect(description).toContain(describeRange(range!));
        const own = `${command.name()} ${long}`;
        used.add(own in numberRanges ? own : long!);
      }
    }
    expect([...used].sort()).toEqual(Object.keys(numberRanges).sort());
    for (const [option, range] of Object.entries(numberRanges)) {
      const told = option === "--threads" ? `1 to ${threadsPerCore} per core` : describeRange(range);
      expect(readme).toMatch(new RegExp(`^\\| \`${option}\` +\\| ${told} +\\|`, "m"));
    }
  });

  it("are refused out of their range before anything starts", async () => {
    const command = await testCommand();
    for (const args of [
      ["train", "toy-small", "--threads", "100000"],
      ["bench", "toy-small", "--threads", "0"],
      ["sample", "nowhere", "--count", "1e9"],
      ["attend", "nowhere", "--query", "3,99999999"],
      ["eval", "nowhere", "--count", "1"],
      ["train", "toy-small", "--minutes", "0"],
      ["train", "toy-small", "--minutes", "Infinity"],
      ["train", "toy-small", "--seed", "9007199254740992"],
      ["sample", "nowhere", "--psi-sweep", "0,1e9"],
    ]) {
      expect(await command.run(...args)).toBe(2);
      const flag = args.find((each) => each.startsWith("--"))!;
      expect(command.notes.at(-1)).toMatch(new RegExp(`^${flag}: it must be .* to [\\d,]+, got "`));
    }
    expect(await command.run("train", "toy-small", "--data", "images", "--set", "training.batch=1e9")).toBe(2);
    expect(command.notes.at(-1)).toMatch(/batch must be 1 to 65,536, got 1000000000/);
    expect(await command.run("bench", "toy-small", "--set", "training.generatorBatch=1e9")).toBe(2);
  });

  it("are taken at the ends of their range", () => {
    const most = 4 * availableParallelism();
    expect([numberIn("--threads")("1"), numberIn("--threads")(String(most))]).toEqual([1, most]);
    expect([numberIn("--psi")("0"), numberIn("--psi")("1"), numberIn("--minutes")("0.01")]).toEqual([0, 1, 0.01]);
    expect(numberList("--psi-sweep")("0, 0.5,-1")).toEqual([0, 0.5, -1]);
    expect(tokenPlace("--query")("0,65535")).toEqual([0, 65_535]);
    for (const text of ["", " ", "1.5", "x", String(most + 1), "-1"])
      expect(() => numberIn("--threads")(text)).toThrow(/whole number from 1 to/);
    for (const text of ["", "0,,1", Array(101).fill("0").join(",")]) {
      expect(() => numberList("--psi-sweep")(text)).toThrow(/--psi-sweep/);
    }
    for (const text of ["3", "3,x", "3,-1", "3,4,5"]) expect(() => tokenPlace("--query")(text)).toThrow(/such as 3,4/);
  });
});
