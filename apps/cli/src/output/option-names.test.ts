import { describe, expect, it } from "vitest";
import { testCommand } from "../fixtures/test-context.js";
import { createProgram } from "../program.js";
import { commandOptions, nameOptions } from "./option-names.js";

describe("nameOptions", () => {
  it.each([
    ["`out`: give `resume: true`, or another `out`", "--out: give --resume, or another --out"],
    ['`backend: "gpu"`: it must start; try `backend: "cpu"`', "--backend gpu: it must start; try --backend cpu"],
    ["use `interpolation` with `space: 'w'`", "use --interpolate with --space w"],
    ["from the cache; `cache: false` computes them again", "from the cache; --no-cache computes them again"],
    ["`toString` and `width: 3` and `a b` are no options", "`toString` and `width: 3` and `a b` are no options"],
  ])("%s", (library, command) => {
    expect(nameOptions(library)).toBe(command);
  });

  it("knows options that the command has", async () => {
    const { context } = await testCommand();
    const { commands } = createProgram("0", context, () => undefined);
    const options = commands.flatMap((command) => command.options.map(({ long }) => long?.replace("--no-", "--")));
    expect(Object.values(commandOptions).filter((option) => !options.includes(option))).toEqual([]);
  });
});
