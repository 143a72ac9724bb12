import { describe, expect, it } from "vitest";
import { readShared, sharedData } from "../../fixtures/shared-data.js";
import { type WrittenTensor, writeLegacyTorchFile, writeZipTorchFile } from "../../testing/torch-writer.js";
import { bytesSource } from "../bytes-source.js";
import { openTorchFile } from "./open-torch-file.js";
import { torchDirectory } from "./torch-directory.js";

const open = (bytes: Uint8Array, name: string) => openTorchFile(bytesSource(name, bytes));
const inception = "inception-v3-2015-12-05/pt_inception-2015-12-05-6726825d.pth.first-818371-bytes";

const tensors: readonly WrittenTensor[] = [
  { name: "turned", shape: [3, 2], strides: [1, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  { name: "count", shape: [], strides: [], data: BigInt64Array.of(7n) },
];
const small = writeLegacyTorchFile(tensors);
const zipped = writeZipTorchFile(tensors);

describe("openTorchFile", () => {
  it.each([
    ["legacy", small],
    ["zip", zipped],
  ])("reads strided tensors of %s files, in any order of the axes, and 64-bit integers", async (_, bytes) => {
    const tensors = await open(bytes, "small.pth");
    expect(tensors.get("turned")?.shape).toEqual([3, 2]);
    expect(await tensors.get("turned")?.read()).toEqual(Float32Array.of(1, 4, 2, 5, 3, 6));
    expect(await tensors.get("turned")?.read([1, 0])).toEqual(Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(await tensors.get("count")?.read()).toEqual(Int32Array.of(7));
  });

  it.each([
    ["legacy", small],
    ["zip", zipped],
  ])("refuses every truncation of a %s file with a sentence", async (_, bytes) => {
    for (let length = 0; length < bytes.length; length++) {
      await expect(open(bytes.subarray(0, length), "small.pth")).rejects.toThrowError(
        expect.objectContaining({ code: "invalid-data", message: expect.stringMatching(/^small\.pth: /) }),
      );
    }
  });

  it.each([
    ["a call of a system function", "cos\nsystem\nX\x02\0\0\0ls\x85R.", /refers to "os\.system"/],
    ["a builtin", "c__builtin__\neval\n.", /"__builtin__\.eval"/],
    ["an instance of a class", "(i__main__\nA\n.", /instruction 0x69/],
    ["a new object", "c__main__\nModel\n)\x81.", /"__main__\.Model"/],
    ["a call of a number", "K\x01)R.", /calls a value that is not callable/],
    ["an empty stack", ".", /empty stack/],
    ["a call of a storage type", "ctorch\nFloatStorage\n)R.", /not be called/],
    ["another pickle", "K\x01.K\x02.", /written by torch\.save/],
  ])("never runs %s", async (_, pickle, rule) => {
    const bytes = Uint8Array.from(`\x80\x02${pickle}`, (character) => character.charCodeAt(0));
    await expect(open(bytes, "evil.pth")).rejects.toThrowError(rule);
  });

  it("refuses a view that leaves its storage", async () => {
    const bytes = writeLegacyTorchFile([{ name: "a", shape: [2, 2], strides: [2, 2], data: new Float32Array(4) }]);
    await expect(open(bytes, "a.pth")).rejects.toThrowError(/storage of 4 values/);
  });

  it.skipIf(sharedData === null).each([
    ["resnet20-12fca82f.th", 97],
    ["resnet56-4bfd9763.th", 277],
  ])("reads all tensors of %s", async (name, count) => {
    const tensors = await open(await readShared(`resnet-cifar10/${name}`), name);
    expect(tensors.size).toBe(count);
    expect(tensors.get("state_dict.module.linear.weight")?.shape).toEqual([10, 64]);
    for (const [path, tensor] of tensors) {
      const values = await tensor.read();
      expect(values.length, path).toBe(tensor.shape.reduce((product, length) => product * length, 1));
      expect(
        values.every((value) => Number.isFinite(value)),
        path,
      ).toBe(true);
    }
  });

  it.skipIf(sharedData === null)("lists a truncated file's tensors but says that it is truncated", async () => {
    const bytes = await readShared(inception);
    const whole = {
      name: "weights.pth",
      size: 95_628_359,
      read: async (at: number, n: number) => bytes.slice(at, at + n),
    };
    const { places } = await torchDirectory(whole);
    expect(places.size).toBe(566);
    expect(places.get("fc.weight")?.shape).toEqual([1008, 2048]);
    expect(places.get("Conv2d_1a_3x3.conv.weight")?.strides).toEqual([1, 32, 288, 96]);
    await expect(open(bytes, "weights.pth")).rejects.toThrowError(
      /^weights\.pth: the file is truncated, it must have 95628359 bytes, got 818371; /,
    );
  });
});
