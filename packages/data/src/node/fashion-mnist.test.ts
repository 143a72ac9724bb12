import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheFolder } from "./cache-folder.js";
import { downloadFashionMnist } from "./fashion-mnist.js";

describe("downloadFashionMnist", () => {
  it("gets what is missing or damaged, with progress over all files", async () => {
    const body = randomBytes(200_000);
    const file = { bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };
    let requests = 0;
    const server = createServer((_, response) => {
      requests++;
      response.end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const folder = await mkdtemp(join(tmpdir(), "ganymede-fashion-"));
    try {
      await writeFile(join(folder, "a.gz"), body);
      await writeFile(join(folder, "c.gz"), new Uint8Array(body.length));
      const seen: number[] = [];
      const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const files = { "a.gz": file, "b.gz": file, "c.gz": file };
      const options = { folder, address, files, onProgress: (received: number) => seen.push(received) };
      expect(await downloadFashionMnist(options)).toBe(folder);
      for (const name of ["b.gz", "c.gz"]) expect(body.equals(await readFile(join(folder, name)))).toBe(true);
      expect(requests).toBe(2);
      expect([seen[0], seen.at(-1)]).toEqual([200_000, 600_000]);
    } finally {
      server.close();
      await rm(folder, { recursive: true });
    }
  });
});

describe("cacheFolder", () => {
  it("prefers GANYMEDE_CACHE, then the platform's own", () => {
    expect(cacheFolder({ GANYMEDE_CACHE: "/c" }, "linux")).toBe("/c");
    expect(cacheFolder({ XDG_CACHE_HOME: "/x" }, "linux")).toBe(join("/x", "ganymede"));
    expect(cacheFolder({}, "linux")).toMatch(/\.cache.ganymede$/);
    expect(cacheFolder({}, "darwin")).toMatch(/Library.Caches.ganymede$/);
    expect(cacheFolder({ LOCALAPPDATA: "/l" }, "win32")).toBe(join("/l", "ganymede"));
  });
});
