import { GraphBuilder } from "@ganymede/backend-onnx/engine";
import { describe, expect, it } from "vitest";
import { absent, onBoth, rewritten } from "../fixtures/both-engines.js";
import { cases } from "../fixtures/cases.js";
import { optimize } from "./optimize.js";

describe("optimize", () => {
  it.each(Object.keys(cases))("keeps %s", async (name) => {
    const [before, after] = await rewritten(cases[name]!);
    expect(after).toEqual(before);
  });

  it.skipIf(absent !== null).each(Object.keys(cases))("makes OpenVINO give %s", async (name) => {
    const { reference, openvino } = await onBoth(cases[name]!);
    expect(openvino).toEqual(reference);
  });

  it("refuses float16 and names the setting", () => {
    const b = new GraphBuilder();
    const x = b.feed("float16", [2]);
    expect(() => optimize({ inputs: [x], outputs: [b.apply("Neg", [x], x)] })).toThrow(/set precision to float32/);
  });

  it("refuses an operator that makes elements of none", () => {
    const b = new GraphBuilder();
    const x = b.feed("float32", [0]);
    const made = b.apply("ConstantOfShape", [x], { type: "float32", shape: [2] });
    expect(() => optimize({ inputs: [x], outputs: [made] })).toThrow(/ConstantOfShape must not be given/);
  });
});
