import type { HostBuffer } from "@ganymede/backend-onnx/engine";
import { binary, GraphBuilder } from "@ganymede/backend-onnx/engine";
import { describe, expect, it } from "vitest";
import { absent, startEngines } from "./fixtures/both-engines.js";
import type { OpenvinoLibrary } from "./library.js";
import { TensorTable } from "./session.js";

describe("TensorTable", () => {
  it("makes one tensor for a buffer, and frees it when the buffer ends", () => {
    const log: string[] = [];
    const library = {
      create: () => BigInt(log.push("made")),
      release: (_: string, pointer: bigint) => log.push(`freed ${pointer}`),
    } as unknown as OpenvinoLibrary;
    const tensors = new TensorTable(library);
    const buffer = { type: "float32", shape: [2], data: new Float32Array(2) } as const;
    expect([tensors.of(buffer), tensors.of(buffer)]).toEqual([1n, 1n]);
    tensors.forget(buffer);
    tensors.forget(buffer);
    expect(log).toEqual(["made", "freed 1"]);
    expect(tensors.of(buffer)).toBe(3n);
  });
});

describe.skipIf(absent !== null)("a session", () => {
  it("runs one call after the other, and the next after one that failed", async () => {
    const engine = await startEngines();
    const { pool } = engine.store;
    const b = new GraphBuilder();
    const x = b.feed("float32", [2]);
    const session = await engine.compiled!.load({ inputs: [x], outputs: [binary(b, "Mul", x, x)] });
    const input = engine.store.write("float32", [2], Float32Array.of(2, 3));
    const outputs = [1, 2, 3].map(() => pool.allocate("float32", [2]) as HostBuffer);
    const tooLarge = pool.allocate("float32", [3]);
    const runs = [outputs[0]!, tooLarge, outputs[1]!, outputs[2]!].map((output) => session.run([input], [output]));
    const settled = await Promise.allSettled(runs);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
    expect(outputs.map(({ data }) => [...(data as Float32Array)])).toEqual([
      [4, 9],
      [4, 9],
      [4, 9],
    ]);
    session.release();
    engine.release();
  });
});
