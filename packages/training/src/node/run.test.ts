import { mkdir, mkdtemp, readdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GanymedeError, key } from "@ganymede/core";
import { data } from "@ganymede/data/node";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { parseMetrics } from "../run/metrics-line.js";
import { drawLatents, interpolate } from "../sample/latents.js";
import { diskFiles } from "./files.js";
import { findData } from "./find-data.js";
import { imageSheet } from "./grid.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-run-"));
});

describe("diskFiles", () => {
  it("replaces a file whole and leaves nothing else", async () => {
    const path = join(folder, "deep", "a.bin");
    await diskFiles.writeAtomic(path, ["old"]);
    await diskFiles.writeAtomic(path, [Uint8Array.of(1, 2), "x"]);
    expect([...(await readFile(path))]).toEqual([1, 2, 120]);
    expect(await readdir(join(folder, "deep"))).toEqual(["a.bin"]);
  });

  it("keeps the old content when a write fails half-way", async () => {
    const path = join(folder, "a.bin");
    await diskFiles.writeAtomic(path, ["old"]);
    const failing = ["new", 7 as unknown as string];
    await expect(diskFiles.writeAtomic(path, failing)).rejects.toMatchObject({ code: "file-system" });
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual(["a.bin"]);
  });

  it("says what stands in the way", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(diskFiles.writeAtomic(join(folder, "file", "a"), ["x"])).rejects.toThrow(/must be writable, but/);
  });
});

describe("drawLatents", () => {
  it("gives row i the same numbers in any batch", () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(20), (seed, first) => {
        const all = drawLatents(key(seed), 0, first + 3, 8);
        expect(drawLatents(key(seed), first, 3, 8)).toEqual(all.slice(first * 8));
      }),
    );
  });

  it("stays within the truncation and is normal without one", () => {
    const tame = drawLatents(key(1), 0, 200, 16, 0.5);
    expect(Math.max(...tame.map(Math.abs))).toBeLessThanOrEqual(0.5);
    expect(new Set(tame).size).toBeGreaterThan(3000);
    const wild = drawLatents(key(1), 0, 200, 16);
    expect(wild.reduce((sum, z) => sum + z * z, 0) / wild.length).toBeCloseTo(1, 1);
  });
});

describe("interpolate", () => {
  it("begins and ends at its two latents and keeps the length between", () => {
    const ends = drawLatents(key(2), 0, 2, 64);
    const [a, b] = [ends.slice(0, 64), ends.slice(64)];
    const path = interpolate(a, b, 5, "spherical");
    const row = (i: number) => path.slice(i * 64, (i + 1) * 64);
    row(0).forEach((value, i) => {
      expect(value).toBeCloseTo(a[i]!, 5);
    });
    row(4).forEach((value, i) => {
      expect(value).toBeCloseTo(b[i]!, 5);
    });
    expect(Math.hypot(...row(2))).toBeGreaterThan(0.9 * Math.min(Math.hypot(...a), Math.hypot(...b)));
    expect(interpolate(a, a, 3, "spherical").every(Number.isFinite)).toBe(true);
  });
});

describe("imageSheet", () => {
  it("lays images out row by row, black at the end", () => {
    const images = Uint8Array.from([1, 1, 2, 2, 3, 3]); // three images 1 x 2
    const sheet = imageSheet(images, [1, 2, 1], 2);
    expect([sheet.width, sheet.height, [...sheet.pixels]]).toEqual([4, 2, [1, 1, 2, 2, 3, 3, 0, 0]]);
  });
});

describe("parseMetrics", () => {
  it("leaves out a line that was cut off", () => {
    expect(parseMetrics('{"step":1}\n{"step":2,"lo')).toEqual([{ step: 1 }]);
    expect(parseMetrics('null\n7\n{}\n{"step":"3"}\n{"step":4}\n')).toEqual([{ step: 4 }]);
  });
});

describe("findData", () => {
  const image = Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 9]);
  const idx = async (...path: string[]) => {
    await mkdir(join(folder, ...path), { recursive: true });
    await writeFile(join(folder, ...path, "train-images-idx3-ubyte"), image);
    return join(folder, ...path);
  };
  const options = {
    data: undefined,
    environment: {},
    sources: data().datasets ?? [],
    preset: "vitgan-tiny",
    onProgress: () => undefined,
    signal: new AbortController().signal,
  };
  const offline = async () => {
    throw new GanymedeError("unavailable", "no network");
  };

  it("prefers --data, then $GANYMEDE_DATA, then ../shared/data, then the download, then scenes", async () => {
    const shared = await idx("shared", "data", "fashion-mnist");
    const mine = await idx("mine");
    const cwd = join(folder, "checkout");
    const environment = { GANYMEDE_DATA: join(folder, "shared", "data") };
    expect((await findData({ ...options, cwd, data: "scenes:64", environment })).place).toBe("scenes:64");
    expect((await findData({ ...options, cwd, data: "../mine", environment })).place).toBe(mine);
    expect(await findData({ ...options, cwd, environment })).toEqual({ place: shared, why: "from $GANYMEDE_DATA" });
    expect((await findData({ ...options, cwd })).why).toBe("found beside the checkout");
    const alone = { ...options, cwd: join(folder, "a", "b") };
    expect((await findData({ ...alone, downloadDefault: async () => "/cache/fashion-mnist" })).why).toMatch(
      /downloaded/,
    );
    const built = await findData({ ...alone, downloadDefault: offline });
    expect([built.place, built.why]).toEqual(["scenes", expect.stringMatching(/procedural.*no network/)]);
  });

  it("prefers the dataset that the preset is named after", async () => {
    await idx("all", "fashion-mnist");
    await idx("all", "cifar-10-batches-bin");
    const found = await findData({ ...options, cwd: folder, data: "all", preset: "vitgan-cifar10" });
    expect(found.place).toBe(join(folder, "all", "cifar-10-batches-bin"));
  });

  it("does not pass over a place that was named, nor over a wrong checksum or a full disk", async () => {
    const environment = { GANYMEDE_DATA: join(folder, "nothing") };
    await expect(findData({ ...options, cwd: folder, environment })).rejects.toThrow(/\$GANYMEDE_DATA must be a path/);
    for (const code of ["invalid-data", "file-system"] as const) {
      const downloadDefault = async () => {
        throw new GanymedeError(code, "the download failed");
      };
      const alone = { ...options, cwd: join(folder, "a", "b"), downloadDefault };
      await expect(findData(alone)).rejects.toMatchObject({ code });
    }
  });
});
