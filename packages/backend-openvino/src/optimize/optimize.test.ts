import { encodeModel, GraphBuilder, type HostBuffer, startEngine } from "@ganymede/backend-onnx/engine";
import { describe, expect, it } from "vitest";
import { absent, graphOf, onBoth } from "../fixtures/both-engines.js";
import { cases } from "../fixtures/cases.js";
import { optimize } from "./optimize.js";

/** Outputs of a graph on ONNX Runtime, as it is and rewritten. */
async function rewritten(name: string): Promise<number[][][]> {
  const engine = await startEngine({ provider: "cpu", threads: 1 });
  const whole = graphOf(cases[name]!);
  const feeds = cases[name]!.feeds.map(({ type, shape, data }) => engine.store.write(type, shape, data));
  const results = [whole, optimize(whole)].map((graph) => {
    const outputs = graph.outputs.map(({ type, shape }) => engine.store.pool.allocate(type, shape) as HostBuffer);
    const session = engine.load(graph, encodeModel(graph));
    session.runSync(feeds, outputs);
    session.release();
    return outputs.map(({ data }) => Array.from(data as Float32Array, Number));
  });
  engine.release();
  return results;
}

describe("optimize", () => {
  it.each(Object.keys(cases))("keeps %s", async (name) => {
    const [before, after] = await rewritten(name);
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
