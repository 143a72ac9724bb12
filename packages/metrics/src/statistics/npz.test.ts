import { inflateRawSync } from "node:zlib";
import { key, readZip } from "@ganymede/core";
import { describe, expect, it } from "vitest";
import { normals } from "../fixtures/normals.js";
import { addFeatures, moments, startFeatureStatistics } from "./feature-statistics.js";
import { readNpz, writeNpz } from "./npz.js";
import { loadFeatureStatistics, saveFeatureStatistics } from "./saved-statistics.js";

const state = startFeatureStatistics(3);
addFeatures(state, normals(key(1), 30));
const known = moments(state);

/** `numpy.savez_compressed(f, mu=[1.5, -2.0], sigma=[[4.0, 0.5], [0.5, 9.0]])` with mu in float32, in base 64. */
const compressed =
  "UEsDBC0AAAAIAAAAIQDWQ0sF//////////8GABQAbXUubnB5AQAQAIgAAAAAAAAASwAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2airqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RpGOpo6CrUKFAAuBoYD9gxAAgBQSwMELQAAAAgAAAAhAGdxx8z//////////wkAFABzaWdtYS5ucHkBABAAoAAAAAAAAABSAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqGuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GkY6CkaaOgq1CmQDLgYwEHCA0A/sUWklBwBQSwECLQMtAAAACAAAACEA1kNLBUsAAACIAAAABgAAAAAAAAAAAAAAgAEAAAAAbXUubnB5UEsBAi0DLQAAAAgAAAAhAGdxx8xSAAAAoAAAAAkAAAAAAAAAAAAAAIABgwAAAHNpZ21hLm5weVBLBQYAAAAAAgACAGsAAAAQAQAAAAA=";

describe("npz", () => {
  it("gives back what was written", () => {
    expect(readNpz(writeNpz(known), "a.npz")).toEqual(known);
  });

  it("reads what NumPy wrote, compressed", () => {
    const bytes = Uint8Array.from(Buffer.from(compressed, "base64"));
    expect(readNpz(bytes, "a.npz", (data) => inflateRawSync(data))).toEqual({
      mean: Float64Array.of(1.5, -2),
      covariance: Float64Array.of(4, 0.5, 0.5, 9),
    });
    expect(() => readNpz(bytes, "a.npz")).toThrowError(/^a\.npz: "mu\.npy" is compressed by method 8/);
  });

  it("refuses damage with a sentence", () => {
    const bytes = writeNpz(known);
    for (const length of [0, 10, 100, bytes.length - 30]) {
      expect(() => readNpz(bytes.subarray(0, length), "a.npz")).toThrowError(/^a\.npz: the zip archive is truncated/);
    }
    expect([...readZip(bytes, "a.npz").keys()]).toEqual(["mu.npy", "sigma.npy"]);
    const renamed = Uint8Array.from(bytes, (byte, i) => (i < bytes.length / 2 || byte !== 0x6d ? byte : 0x6e));
    expect(() => readNpz(renamed, "a.npz")).toThrowError(/^a\.npz: (mu|sigma): must be a row-major array/);
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
