import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { disposeTree, leaves } from "../tree/tree.js";
import { bytesSource } from "./bytes-source.js";
import { decodeSafetensors, openSafetensors } from "./decode.js";
import { type CheckpointEntry, encodeSafetensors, streamSafetensors } from "./encode.js";
import { loadTree, treeEntries, treeToEntries } from "./tree-entries.js";

const entry: fc.Arbitrary<CheckpointEntry> = fc
  .record({ name: fc.string({ unit: "grapheme", minLength: 1 }), shape: fc.array(fc.nat(4), { maxLength: 3 }) })
  .chain(({ name, shape }) => {
    const size = shape.reduce((product, length) => product * length, 1);
    const exactly = { minLength: size, maxLength: size };
    return fc.oneof(
      fc.float32Array(exactly).map((data): CheckpointEntry => ({ name, shape, dtype: "F32", data })),
      fc.float64Array(exactly).map((data): CheckpointEntry => ({ name, shape, dtype: "F64", data })),
      fc.int32Array(exactly).map((data): CheckpointEntry => ({ name, shape, dtype: "I32", data })),
      fc.uint8Array(exactly).map((data): CheckpointEntry => ({ name, shape, dtype: "U8", data })),
    );
  });
const entries = fc.uniqueArray(entry, { selector: ({ name }) => name, maxLength: 6 });

/** A file with the given header text and data, as a foreign program could write it. */
function file(header: unknown, data: Uint8Array): Uint8Array {
  const text = new TextEncoder().encode(typeof header === "string" ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

describe("safetensors", () => {
  it("gives back what was written, whatever the names, shapes and types", () => {
    fc.assert(
      fc.property(entries, fc.dictionary(fc.string(), fc.string()), (given, metadata) => {
        const { metadata: readMetadata, tensors } = decodeSafetensors(encodeSafetensors(given, metadata));
        expect(Object.entries(readMetadata)).toEqual(Object.entries(metadata));
        expect(tensors.size).toBe(given.length);
        for (const { name, ...rest } of given) expect(tensors.get(name)).toEqual(rest);
      }),
    );
  });

  it("aligns the data to 8 bytes and reads from any offset of a larger buffer", () => {
    const bytes = encodeSafetensors([
      { name: "b", shape: [3], dtype: "F32", data: new Float32Array([1, 2, 3]) },
      { name: "a", shape: [1], dtype: "F64", data: new Float64Array([4]) },
    ]);
    expect(Number(new DataView(bytes.buffer).getBigUint64(0, true)) % 8).toBe(0);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeSafetensors(shifted.subarray(3)).tensors.get("b")?.data).toEqual(new Float32Array([1, 2, 3]));
  });

  it("reads half floats, bfloat16 and 64-bit integers", () => {
    const halves = new Uint16Array([0x3c00, 0xc000, 0x7c00, 0x0001, 0x3f80, 0xc120]);
    const integers = new BigInt64Array([-5n, 2147483647n]);
    const data = new Uint8Array(28);
    data.set(new Uint8Array(halves.buffer));
    data.set(new Uint8Array(integers.buffer), 12);
    const { tensors } = decodeSafetensors(
      file(
        {
          half: { dtype: "F16", shape: [4], data_offsets: [0, 8] },
          brain: { dtype: "BF16", shape: [2], data_offsets: [8, 12] },
          whole: { dtype: "I64", shape: [2], data_offsets: [12, 28] },
        },
        data,
      ),
    );
    expect(tensors.get("half")?.data).toEqual(new Float32Array([1, -2, Number.POSITIVE_INFINITY, 2 ** -24]));
    expect(tensors.get("brain")?.data).toEqual(new Float32Array([1, -10]));
    expect(tensors.get("whole")?.data).toEqual(new Int32Array([-5, 2147483647]));
  });

  it("reads the smaller integers as int32", () => {
    const data = Uint8Array.of(254, 255, 254, 255, 254, 255, 1, 0, 0, 0);
    const { tensors } = decodeSafetensors(
      file(
        {
          i16: { dtype: "I16", shape: [1], data_offsets: [0, 2] },
          u16: { dtype: "U16", shape: [1], data_offsets: [2, 4] },
          i8: { dtype: "I8", shape: [2], data_offsets: [4, 6] },
          u32: { dtype: "U32", shape: [1], data_offsets: [6, 10] },
        },
        data,
      ),
    );
    expect([...tensors.values()].map((each) => Array.from(each.data))).toEqual([[-2], [65534], [-2, -1], [1]]);
  });

  it.each([
    ["no header", new Uint8Array(4), "at least 8 bytes"],
    ["a header beyond the file", file("{}", new Uint8Array()).fill(9, 0, 2), "must fit in the file"],
    ["no JSON", file("{,}", new Uint8Array()), "is not valid"],
    ["a list", file([], new Uint8Array()), "must be a JSON object"],
    [
      "a type that nothing computes in",
      file({ a: { dtype: "F8_E4M3", shape: [], data_offsets: [0, 1] } }, new Uint8Array(1)),
      "got F8_E4M3; convert it to F32 or BF16",
    ],
    ["a name without an end", file({ ["x".repeat(1e6)]: 1 }, new Uint8Array()), `"${"x".repeat(80)}..." must`],
    [
      "a shape beyond all numbers",
      file({ a: { dtype: "U8", shape: [...new Array(30).fill(2 ** 52), 0], data_offsets: [0, 1] } }, new Uint8Array(1)),
      "must take 0 bytes, got 1",
    ],
    ["a fractional shape", file({ a: { dtype: "U8", shape: [0.5], data_offsets: [0, 1] } }, new Uint8Array(1)), '"a"'],
    ["a wrong size", file({ a: { dtype: "F32", shape: [2], data_offsets: [0, 4] } }, new Uint8Array(4)), "8 bytes"],
    ["a gap", file({ a: { dtype: "U8", shape: [1], data_offsets: [1, 2] } }, new Uint8Array(2)), "begin at byte 0"],
    [
      "an overlap",
      file(
        { a: { dtype: "U8", shape: [2], data_offsets: [0, 2] }, b: { dtype: "U8", shape: [2], data_offsets: [1, 3] } },
        new Uint8Array(3),
      ),
      "begin at byte 2",
    ],
    ["trailing bytes", file({}, new Uint8Array(2)), "must have 0 bytes"],
    ["bad metadata", file({ __metadata__: { a: 1 } }, new Uint8Array()), "strings"],
    [
      "a large integer",
      file({ a: { dtype: "I64", shape: [1], data_offsets: [0, 8] } }, new Uint8Array(8).fill(1)),
      "fit in 32 bits",
    ],
  ])("refuses %s in one sentence that names the file", (_, bytes, rule) => {
    expect(() => decodeSafetensors(bytes, "model.safetensors")).toThrowError(
      expect.objectContaining({ code: "invalid-checkpoint", message: expect.stringContaining(rule) }),
    );
    expect(() => decodeSafetensors(bytes, "model.safetensors")).toThrowError(/^model\.safetensors: .{0,400}$/);
  });

  it("believes the length of a header only up to the bytes that are there, and a bound", async () => {
    const bytes = file("{}", new Uint8Array());
    const view = new DataView(bytes.buffer);
    view.setBigUint64(0, 2n ** 40n, true);
    const source = bytesSource("large.safetensors", bytes);
    await expect(openSafetensors(source)).rejects.toThrowError(/must fit in the file/);
    const claimed = { ...source, size: 2 ** 41, read: source.read };
    await expect(openSafetensors(claimed)).rejects.toThrowError(/header must have at most 33554432 bytes/);
  });

  it("never crashes on a truncated file", () => {
    const bytes = encodeSafetensors([{ name: "a", shape: [2], dtype: "F32", data: new Float32Array(2) }]);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeSafetensors(bytes.subarray(0, length))).toThrowError(
        expect.objectContaining({ code: "invalid-checkpoint" }),
      );
    }
  });

  it("refuses two entries of one name and data of another size", () => {
    const a: CheckpointEntry = { name: "a", shape: [1], dtype: "F32", data: new Float32Array(1) };
    expect(() => encodeSafetensors([a, a])).toThrowError(/unique/);
    expect(() => encodeSafetensors([{ ...a, shape: [2] }])).toThrowError(/2 values/);
    expect(() => encodeSafetensors([{ ...a, dtype: "F64" }])).toThrowError(/F64/);
  });
});

describe("loadTree", () => {
  const tree = () => ({
    blocks: [{ weight: tf.tensor2d([[1, 2, 3]]), bias: tf.scalar(4) }],
    steps: tf.tensor1d([7], "int32"),
    seen: tf.tensor1d([true, false], "bool"),
  });

  it("restores a tree bit for bit", async () => {
    const source = tree();
    const { tensors } = decodeSafetensors(encodeSafetensors(await treeToEntries(source)));
    const loaded = await loadTree(source, tensors, "a file");
    for (const [i, { path, value }] of leaves(loaded).entries()) {
      const original = leaves(source)[i]!;
      expect([path, value.dtype, value.shape]).toEqual([original.path, original.value.dtype, original.value.shape]);
      expect(await value.data()).toEqual(await original.value.data());
    }
    disposeTree([source, loaded]);
  });

  it("names the first leaf that differs and makes no tensor then", async () => {
    const source = tree();
    const { tensors } = decodeSafetensors(encodeSafetensors(await treeToEntries(source)));
    const before = tf.memory().numTensors;
    const load = (changed: [string, unknown][], removed?: string): Promise<unknown> => {
      const map = new Map([...tensors, ...(changed as [string, never][])]);
      if (removed !== undefined) map.delete(removed);
      return loadTree(source, map, "run/last.safetensors");
    };
    const bias = tensors.get("blocks.0.bias")!;
    const lost = { ...bias, dtype: "F64", data: Float64Array.of(1e300) };
    for (const [changed, removed, message] of [
      [[], "blocks.0.bias", /^run\/last\.safetensors: .*must contain "blocks\.0\.bias"/],
      [[["blocks.0.bias", { ...bias, shape: [1] }]], undefined, /shape \[\], got \[1\]/],
      [[["steps", { ...bias, shape: [1] }]], undefined, /"steps" must be I32 or .*, got F32/],
      [[["head", bias]], undefined, /the model has no "head"/],
      [[["blocks.0.bias", { ...bias, data: Float32Array.of(Number.NaN) }]], undefined, /finite.* "blocks\.0\.bias"/],
      [[["blocks.0.bias", lost]], undefined, /finite as a float32, but some of "blocks\.0\.bias"/],
    ] as [[string, unknown][], string | undefined, RegExp][]) {
      await expect(load(changed, removed)).rejects.toThrowError(message);
      expect(tf.memory().numTensors).toBe(before);
    }
    disposeTree(source);
  });

  it("restores a tree from a stream, one leaf at a time, and leaves what the caller holds alone", async () => {
    const source = tree();
    const chunks: Uint8Array[] = [];
    for await (const chunk of streamSafetensors(treeEntries(source), { step: "1" })) chunks.push(chunk);
    const bytes = Uint8Array.from(chunks.flatMap((chunk) => [...chunk]));
    expect(bytes).toEqual(encodeSafetensors(await treeToEntries(source), { step: "1" }));
    const { metadata, tensors } = await openSafetensors(bytesSource("a file", bytes));
    expect(metadata).toEqual({ step: "1" });
    const loaded = await loadTree(source, tensors, "a file");
    for (const [i, { value }] of leaves(loaded).entries()) {
      expect(await value.data()).toEqual(await leaves(source)[i]!.value.data());
    }
    disposeTree([source, loaded]);
  });
});
