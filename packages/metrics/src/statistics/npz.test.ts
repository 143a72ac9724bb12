import { inflateRawSync } from "node:zlib";
import { key } from "@ganymede/core";
import { bytesSource, type Inflate, openZip, writeZip } from "@ganymede/core/checkpoint";
import { describe, expect, it } from "vitest";
import { normals } from "../fixtures/normals.js";
import { addFeatures, moments, startFeatureStatistics } from "./feature-statistics.js";
import { readNpz, writeNpz } from "./npz.js";
import { loadFeatureStatistics, saveFeatureStatistics } from "./saved-statistics.js";

const read = (bytes: Uint8Array, inflate?: Inflate) => readNpz(bytesSource("a.npz", bytes), inflate);

const state = startFeatureStatistics(3);
addFeatures(state, normals(key(1), 30));
const known = moments(state);

/** `numpy.savez_compressed(f, mu=[1.5, -2.0], sigma=[[4.0, 0.5], [0.5, 9.0]])` with mu in float32, in base 64. */
const compressed =
  "UEsDBC0AAAAIAAAAIQDWQ0sF//////////8GABQAbXUubnB5AQAQAIgAAAAAAAAASwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBoYD9gxAAgBQSwMELQAAAAgAAAAhAGdxx8z//////////wkAFABzaWdtYS5ucHkBABAAoAAAAAAAAABSAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CkaaOgq1CmQDLgYwEHCA0A/sUWklBwBQSwECLQMtAAAACAAAACEA1kNLBUsAAACIAAAABgAAAAAAAAAAAAAAgAEAAAAAbXUubnB5UEsBAi0DLQAAAAgAAAAhAGdxx8xSAAAAoAAAAAkAAAAAAAAAAAAAAIABgwAAAHNpZ21hLm5weVBLBQYAAAAAAgACAGsAAAAQAQAAAAA=";

describe("npz", () => {
  it("gives back what was written", async () => {
    expect(await read(writeNpz(known))).toEqual(known);
  });

  it("reads what NumPy wrote, compressed", async () => {
    const bytes = Uint8Array.from(Buffer.from(compressed, "base64"));
    expect(await read(bytes, (data, size) => inflateRawSync(data, { maxOutputLength: size }))).toEqual({
      mean: Float64Array.of(1.5, -2),
      covariance: Float64Array.of(4, 0.5, 0.5, 9),
    });
    await expect(read(bytes)).rejects.toThrowError(/^a\.npz: "mu\.npy" is compressed by method 8/);
  });

  it("refuses damage with a sentence", async () => {
    const bytes = writeNpz(known);
    for (const length of [0, 10, 100, bytes.length - 30]) {
      await expect(read(bytes.subarray(0, length))).rejects.toThrowError(/^a\.npz: the zip archive is truncated/);
    }
    expect([...(await openZip(bytesSource("a.npz", bytes))).keys()]).toEqual(["mu.npy", "sigma.npy"]);
    const renamed = Uint8Array.from(bytes, (byte, i) => (i < bytes.length / 2 || byte !== 0x6d ? byte : 0x6e));
    await expect(read(renamed)).rejects.toThrowError(/^a\.npz: (mu|sigma): must be a row-major array/);
    const lost = { ...known, mean: known.mean.map(() => Number.NaN) };
    await expect(read(writeNpz(lost))).rejects.toThrowError(/mu: must be .* got non-finite values/);
  });

  it("expands no more than the mean calls for, whatever a member claims", async () => {
    const archive = writeNpz({ mean: Float64Array.of(1, 2), covariance: new Float64Array(20_000) });
    await expect(read(archive)).rejects.toThrowError(/"sigma\.npy" must have at most 65568 bytes, got 160128/);
    const large = writeZip(new Map([["mu.npy", new Uint8Array(200_000)]]));
    await expect(read(large)).rejects.toThrowError(/"mu\.npy" must have at most 131072 bytes/);
  });
});

describe("saved statistics", () => {
  it("restore the sums, and only for the same protocol", () => {
    const bytes = saveFeatureStatistics(state, "fid-3");
    expect(moments(loadFeatureStatistics(bytes, "fid-3", 3))).toEqual(known);
    expect(() => loadFeatureStatistics(bytes, "fid-4", 3)).toThrowError(/statistics of fid-4: .*got fid-3/);
    expect(() => loadFeatureStatistics(bytes, "fid-3", 4)).toThrowError(/compute them again/);
    expect(() => loadFeatureStatistics(bytes.subarray(0, 99), "fid-3", 3)).toThrowError(/statistics of fid-3/);
  });
});
