import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { key } from "@ganymede/core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { normals } from "../fixtures/normals.js";
import { sharedData } from "../fixtures/shared-data.js";
import { slicedWasserstein } from "../sliced-wasserstein/sliced-wasserstein.js";
import { addFeatures, moments, startFeatureStatistics } from "../statistics/feature-statistics.js";
import { downloadInception } from "./download-inception.js";
import { findInception } from "./find-inception.js";
import { officialInception } from "./inception-file.js";
import { cachedStatistics } from "./statistics-cache.js";
import { readMoments, writeMoments } from "./statistics-file.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-metrics-"));
  return () => rm(folder, { recursive: true });
});

describe("findInception", () => {
  it("takes what the user named, else the complete file, else the partial weights, else none", async () => {
    const partialFolder = join(folder, "inception-v3-2015-12-05", "batch_normalized_binaries");
    const cacheFolder = join(folder, "cache");
    const look = (): ReturnType<typeof findInception> => findInception({ dataFolders: [folder], cacheFolder });
    expect(await look()).toBeNull();
    await mkdir(partialFolder, { recursive: true });
    await writeFile(join(partialFolder, "weights_conv.dat"), "");
    expect(await look()).toMatchObject({ kind: "partial", path: partialFolder, dims: [64, 192, 768] });
    await mkdir(cacheFolder);
    await writeFile(join(cacheFolder, officialInception.name), "");
    expect(await look()).toMatchObject({ kind: "complete", dims: [64, 192, 768, 2048] });
    expect(await findInception({ inception: folder })).toMatchObject({ kind: "partial" });
    expect(await findInception({ inception: join(cacheFolder, officialInception.name) })).toMatchObject({
      kind: "complete",
    });
    await expect(findInception({ inception: join(folder, "nothing") })).rejects.toThrowError(/--inception: must be/);
  });

  it("says what is wrong with files that are not the weights", async () => {
    const path = join(folder, "x.pth");
    await writeFile(path, "not a pickle at all");
    await expect((await findInception({ inception: path }))!.open()).rejects.toThrowError(/x\.pth: /);
    await writeFile(join(folder, "weights_conv.dat"), "");
    await expect((await findInception({ inception: folder }))!.open()).rejects.toThrowError(
      expect.objectContaining({ message: expect.stringMatching(/(must have 3456 bytes, got 0|cannot be read)/) }),
    );
  });

  it.skipIf(sharedData === null)("finds and opens the partial weights of the data folder", async () => {
    const found = await findInception({ dataFolders: [sharedData!] });
    expect(found).toMatchObject({ kind: "partial" });
    expect(found!.description).toContain("fid-768 at most");
  });
});

describe("downloadInception", () => {
  let server: Server;
  const content = Buffer.from("the weights");
  const sha256 = createHash("sha256").update(content).digest("hex").slice(0, 8);
  const fileAt = (path: string) => {
    const { port } = server.address() as AddressInfo;
    return { name: "weights.pth", url: `http://127.0.0.1:${port}${path}`, bytes: content.length, sha256 };
  };

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === "/none") response.writeHead(404).end();
      else if (request.url === "/long") response.end(Buffer.alloc(100));
      else if (request.url !== "/silent") response.end(request.url === "/other" ? "the Weights" : content);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it("keeps the file when size and checksum are right, and reports progress", async () => {
    const seen: number[] = [];
    const path = await downloadInception({
      folder: join(folder, "new"),
      file: fileAt("/"),
      onProgress: (n) => seen.push(n),
    });
    expect(path).toBe(join(folder, "new", "weights.pth"));
    expect(seen.at(-1)).toBe(content.length);
    expect(await readdir(join(folder, "new"))).toEqual(["weights.pth"]);
  });

  it.each([
    ["/none", "unavailable", /status 404.*pass it with --inception/],
    ["/other", "invalid-data", /sha256/],
    ["/long", "invalid-data", /must have 11 bytes, got more/],
    ["/silent", "unavailable", /no data came for 50 ms.*pass it with --inception/],
  ])("leaves nothing behind after %s", async (path, code, rule) => {
    const options = { folder, file: fileAt(path), idleMs: 50, attempts: 1 };
    await expect(downloadInception(options)).rejects.toMatchObject({ code, message: expect.stringMatching(rule) });
    expect(await readdir(folder)).toEqual([]);
  });

  it("tells a folder that cannot be made from a network that fails", async () => {
    await writeFile(join(folder, "file"), "");
    const options = { folder: join(folder, "file"), file: fileAt("/") };
    await expect(downloadInception(options)).rejects.toMatchObject({ code: "file-system" });
  });
});

describe("cachedStatistics", () => {
  it("computes once, keeps one file, and computes again when that is damaged", async () => {
    const metric = slicedWasserstein();
    let computed = 0;
    const get = () =>
      cachedStatistics(folder, metric, { dataset: "a/b c", images: 2, imageShape: [16, 16, 1] }, async () => {
        computed++;
        const state = metric.start();
        await metric.add(
          state,
          new Uint8Array(512).map((_, i) => i),
          [2, 16, 16, 1],
        );
        return state;
      });
    const first = await get();
    const second = await get();
    expect([first.cached, second.cached, computed]).toEqual([false, true, 1]);
    expect(Buffer.compare(metric.save(second.state), metric.save(first.state))).toBe(0);
    expect(await readdir(folder)).toEqual(["a-b-c_16x16x1_2images_swd.safetensors"]);
    await writeFile(first.path, "damaged");
    expect(await get()).toMatchObject({ cached: false });
    expect(await get()).toMatchObject({ cached: true });
    expect(computed).toBe(2);
  });

  it("says when it cannot write, and gives what was computed all the same", async () => {
    const metric = slicedWasserstein();
    const key = { dataset: "x", images: 0, imageShape: [16, 16, 1] as const };
    await writeFile(join(folder, "file"), "");
    const { state, notKept } = await cachedStatistics(join(folder, "file"), metric, key, async () => metric.start());
    expect(state).toEqual(metric.start());
    expect(notKept).toMatch(/cannot be written.*GANYMEDE_CACHE.*--no-cache/);
    expect(await readdir(folder)).toEqual(["file"]);
  });

  it("keeps statistics of datasets whose names are longer than those of files", async () => {
    const metric = slicedWasserstein();
    const get = (end: string) => {
      const key = { dataset: "x".repeat(300) + end, images: 0, imageShape: [16, 16, 1] as const };
      return cachedStatistics(folder, metric, key, async () => metric.start());
    };
    expect([await get("a"), await get("b"), await get("a")].map(({ cached }) => cached)).toEqual([false, false, true]);
  });

  it("removes what killed writes left, and neither a write under way nor files of others", async () => {
    const metric = slicedWasserstein();
    const names = ["a.safetensors.7.part", "a.safetensors.8.part", "film.part"];
    for (const name of names) await writeFile(join(folder, name), "");
    for (const name of ["a.safetensors.7.part", "film.part"]) await utimes(join(folder, name), 1, 1);
    const key = { dataset: "x", images: 0, imageShape: [16, 16, 1] as const };
    await cachedStatistics(folder, metric, key, async () => metric.start());
    expect(await readdir(folder)).toEqual(["a.safetensors.8.part", "film.part", "x_16x16x1_0images_swd.safetensors"]);
  });
});

describe("moments as files", () => {
  it("go through pytorch-fid's format", async () => {
    const state = startFeatureStatistics(4);
    addFeatures(state, normals(key(1), 40));
    await writeMoments(join(folder, "a.npz"), moments(state));
    expect(await readMoments(join(folder, "a.npz"))).toEqual(moments(state));
    await expect(readMoments(join(folder, "b.npz"))).rejects.toThrowError(
      /b\.npz: the file must be readable, but it does not exist/,
    );
  });
});
