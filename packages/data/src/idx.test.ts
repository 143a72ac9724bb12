import { GanymedeError } from "@ganymede/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeIdx } from "./idx.js";

function encodeIdx(shape: readonly number[], values: Uint8Array): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint8(2, 8);
  header.setUint8(3, shape.length);
  shape.forEach((size, axis) => {
    header.setUint32(4 + 4 * axis, size);
  });
  return Uint8Array.from([...new Uint8Array(header.buffer), ...values]);
}

const arrays = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 4 }).chain((shape) => {
  const count = shape.reduce((product, size) => product * size, 1);
  return fc.tuple(fc.constant(shape), fc.uint8Array({ minLength: count, maxLength: count }));
});

describe("decodeIdx", () => {
  it("gives back the shape and the values of any array", () => {
    fc.assert(
      fc.property(arrays, ([shape, values]) => {
        expect(decodeIdx(encodeIdx(shape, values), "a")).toEqual({ shape, values });
      }),
    );
  });

  it("refuses every truncation and every excess in one sentence with the file's name", () => {
    fc.assert(
      fc.property(arrays, fc.nat(), ([shape, values], cut) => {
        const bytes = encodeIdx(shape, values);
        const wrong = [bytes.subarray(0, cut % bytes.length), Uint8Array.from([...bytes, 0])];
        for (const damaged of wrong) {
          expect(() => decodeIdx(damaged, "train-images")).toThrow(/^train-images: [^\n]*; download the file again$/);
        }
      }),
    );
  });

  it("reads bytes that begin inside a larger buffer", () => {
    const bytes = encodeIdx([2], Uint8Array.of(5, 6));
    const shifted = Uint8Array.from([9, 9, 9, ...bytes]).subarray(3);
    expect(decodeIdx(shifted, "a").values).toEqual(Uint8Array.of(5, 6));
  });

  it("names another value type", () => {
    const float = encodeIdx([1], Uint8Array.of(1));
    float[2] = 0x0d;
    expect(() => decodeIdx(float, "a")).toThrow(GanymedeError);
    expect(() => decodeIdx(float, "a")).toThrow(/got type 13/);
  });

  it("never throws anything but its own error on random bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        try {
          decodeIdx(bytes, "a");
        } catch (error) {
          expect(GanymedeError.is(error) && error.code).toBe("invalid-data");
        }
      }),
    );
  });
});
