import { GraphBuilder } from "@ganymede/backend-onnx/engine";
import { describe, expect, it } from "vitest";
import { absent, startEngines } from "./fixtures/both-engines.js";
import { refusalOf } from "./refusal.js";

describe("refusalOf", () => {
  it("names the operators", () => {
    const words =
      "Failed operations detailed log: -- Scan-21 with a message: no. Summary: -- Conversion is failed for: Scan-21, Loop-21";
    expect(refusalOf(new Error(words)).message).toBe(
      "openvino backend: OpenVINO must have every operator of a compiled function, got Scan-21, Loop-21, which it refuses; use --backend onnx",
    );
  });

  it.skipIf(absent !== null)("is what an operator that the engine lacks ends in", async () => {
    const engine = await startEngines();
    const b = new GraphBuilder();
    const x = b.feed("float32", [2]);
    const load = () => engine.compiled!.load({ inputs: [x], outputs: [b.apply("NoSuchOperator", [x], x)] });
    expect(load).toThrow(/got .*NoSuchOperator.*, which it refuses; use --backend onnx/);
    engine.release();
  });
});
