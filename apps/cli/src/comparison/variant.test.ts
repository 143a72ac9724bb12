import { describe, expect, it } from "vitest";
import { parseVariant, parseVariants } from "./variant.js";

describe("parseVariant", () => {
  it("reads a name, a preset and settings, whose values may hold commas in brackets", () => {
    expect(
      parseVariant('conv=skinny-tiny,generator.fine.mixing=convolution,training.ema.rampUp=0,a.b={"c":[1,2]}'),
    ).toEqual({
      name: "conv",
      base: "skinny-tiny",
      overrides: [
        { path: ["generator", "fine", "mixing"], value: "convolution" },
        { path: ["training", "ema", "rampUp"], value: 0 },
        { path: ["a", "b"], value: { c: [1, 2] } },
      ],
    });
  });

  it("takes the preset's name, or the run's", () => {
    expect(parseVariant("vitgan-tiny")).toEqual({ name: "vitgan-tiny", base: "vitgan-tiny", overrides: [] });
    expect(parseVariant("runs/cifar/config.json").name).toBe("cifar");
    expect(parseVariant('a=b,text="x,]y"').overrides).toEqual([{ path: ["text"], value: "x,]y" }]);
  });

  it.each([
    ["", /must have the form name=preset/],
    ["name=", /must have the form name=preset/],
    ["../up=toy", /a name of letters/],
    ["a=toy,width", /compare, a: an override must have the form key=value, got "width"/],
  ])("refuses %j", (text, message) => {
    expect(() => parseVariant(text)).toThrow(message);
  });

  it("wants names that differ", () => {
    expect(() => parseVariants(["toy", "toy,width=2"])).toThrow(/"toy" twice; write name=toy/);
  });
});
