import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cifarRecordSize, decodeCifar } from "./cifar.js";

/** A record of random pixels with a given fine class. */
const record = (labelBytes: 1 | 2, label: number) =>
  fc
    .uint8Array({ minLength: 3072, maxLength: 3072 })
    .map((pixels) => Uint8Array.from([...(labelBytes === 2 ? [19] : []), label, ...pixels]));

const records = fc
  .constantFrom(1 as const, 2 as const)
  .chain((labelBytes) => fc.tuple(fc.constant(labelBytes), record(labelBytes, 7)));

describe("decodeCifar", () => {
  it("moves plane c, place p of every record to [p, c]", () => {
    fc.assert(
      fc.property(records, ([labelBytes, bytes]) => {
        const twice = Uint8Array.from([...bytes, ...bytes]);
        const { length, labels, pixels } = decodeCifar(twice, labelBytes, "b");
        expect([length, labels[1]]).toEqual([2, 7]);
        const second = cifarRecordSize(labelBytes) + labelBytes;
        for (const [place, channel] of [
          [0, 0],
          [0, 2],
          [1023, 1],
          [37, 2],
        ] as const) {
          expect(pixels[3072 + 3 * place + channel]).toBe(twice[second + channel * 1024 + place]);
        }
      }),
      { numRuns: 10 },
    );
  });

  it("refuses any length that is not whole records", () => {
    fc.assert(
      fc.property(
        fc.nat(10_000).filter((length) => length === 0 || length % 3073 !== 0),
        (length) => {
          expect(() => decodeCifar(new Uint8Array(length), 1, "data_batch_1.bin")).toThrow(
            /^data_batch_1.bin: .*3073-byte records, got .*; download the file again$/,
          );
        },
      ),
    );
  });

  it("refuses a class that the dataset lacks", () => {
    const bytes = new Uint8Array(3073 * 2);
    bytes[3073] = 10;
    expect(() => decodeCifar(bytes, 1, "b")).toThrow("a class must be below 10, got 10 in record 1");
  });
});
