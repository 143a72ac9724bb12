import { createHash, randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { download } from "./download.js";

/** Changes the handles that are opened: a disk that is full, or one that takes half of every write. */
let disk: ((handle: FileHandle) => void) | null = null;
vi.mock("node:fs/promises", async (original) => {
  const real = await original<typeof import("node:fs/promises")>();
  return {
    ...real,
    open: async (...given: Parameters<typeof real.open>) => {
      const handle = await real.open(...given);
      disk?.(handle);
      return handle;
    },
  };
});

const body = randomBytes(200_000);
const file = { bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") };

let folder = "";
let server: Server;
let address = "";
let ranges: (string | undefined)[] = [];
let answer: (request: IncomingMessage, response: ServerResponse) => void;

/** Sends from where the request asks, as a server with ranges does. */
const whole = (request: IncomingMessage, response: ServerResponse): void => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  response.writeHead(start > 0 ? 206 : 200).end(body.subarray(start));
};

/** Breaks the connection after half of what was asked for. */
const cut = (request: IncomingMessage, response: ServerResponse): void => {
  const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  response.writeHead(start > 0 ? 206 : 200, { "content-length": body.length - start });
  response.write(body.subarray(start, start + (body.length - start) / 2), () => {
    setTimeout(() => response.destroy(), 20);
  });
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-download-"));
  ranges = [];
  answer = whole;
  disk = null;
  server = createServer((request, response) => {
    ranges.push(request.headers.range);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true, force: true });
});

const get = (options = {}) => download({ ...file, url: `${address}data.gz` }, join(folder, "data.gz"), options);

describe("download", () => {
  it("saves the file, reports progress, and asks for nothing the second time", async () => {
    const seen: number[] = [];
    await get({ onProgress: (received: number) => seen.push(received) });
    expect(body.equals(await readFile(join(folder, "data.gz")))).toBe(true);
    expect(seen.at(-1)).toBe(body.length);
    await get();
    expect(ranges.length).toBe(1);
    expect(await readdir(folder)).toEqual(["data.gz"]);
  });

  it("takes a broken transfer up where it stopped", async () => {
    answer = (request, response) => (ranges.length === 1 ? cut : whole)(request, response);
    await get();
    expect(body.equals(await readFile(join(folder, "data.gz")))).toBe(true);
    expect(ranges[0]).toBeUndefined();
    expect(ranges[1]).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it("starts again where the server has no ranges", async () => {
    answer = (request, response) => (ranges.length === 1 ? cut(request, response) : response.end(body));
    await get();
    expect(body.equals(await readFile(join(folder, "data.gz")))).toBe(true);
  });

  it("says so when the body stays short, and keeps what came for the next run", async () => {
    answer = cut;
    await expect(get({ attempts: 2 })).rejects.toThrow(/data.gz: .*check your network|try again/);
    expect(await readdir(folder)).toEqual(["data.gz.part"]);
    answer = whole;
    await get();
    expect(body.equals(await readFile(join(folder, "data.gz")))).toBe(true);
  });

  it("throws away a file with a wrong checksum", async () => {
    answer = (_, response) => response.end(randomBytes(body.length));
    await expect(get()).rejects.toMatchObject({
      code: "invalid-data",
      message: expect.stringMatching(/sha256 must be/),
    });
    expect(await readdir(folder)).toEqual([]);
    expect(ranges.length).toBe(1);
  });

  it("names a 404 at once and retries a 503", async () => {
    answer = (_, response) => response.writeHead(404).end();
    await expect(get()).rejects.toThrow(/got status 404/);
    expect(ranges.length).toBe(1);
    answer = (request, response) => (ranges.length < 4 ? response.writeHead(503).end() : whole(request, response));
    await get();
  });

  it("says so when nobody answers", async () => {
    const nobody = { ...file, url: "http://127.0.0.1:1/data.gz" };
    await expect(download(nobody, join(folder, "data.gz"), { attempts: 1 })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/must be reachable, but .*; check your network/),
    });
  });

  it("gives up on a silent server", async () => {
    answer = () => undefined;
    await expect(get({ idleMs: 50, attempts: 1 })).rejects.toThrow(/no data came for 50 ms/);
  });

  it("stops when it is told to", async () => {
    answer = () => undefined;
    await expect(get({ signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ code: "interrupted" });
  });

  it("replaces a file of the right size and wrong content, once the right one is here", async () => {
    const path = join(folder, "data.gz");
    await writeFile(path, Buffer.alloc(body.length));
    answer = (_, response) => response.writeHead(404).end();
    await expect(get()).rejects.toThrow(/got status 404/);
    expect(Buffer.alloc(body.length).equals(await readFile(path))).toBe(true);
    answer = whole;
    await get();
    expect(body.equals(await readFile(path))).toBe(true);
    expect(await readdir(folder)).toEqual(["data.gz"]);
  });

  it("begins again where an earlier download left other bytes", async () => {
    await writeFile(join(folder, "data.gz.part"), randomBytes(1000));
    await get();
    expect(body.equals(await readFile(join(folder, "data.gz")))).toBe(true);
    expect(ranges).toEqual(["bytes=1000-", undefined]);
    await rm(join(folder, "data.gz"));
    await writeFile(join(folder, "data.gz.part"), randomBytes(body.length + 1));
    await get();
    expect(await readdir(folder)).toEqual(["data.gz"]);
  });

  it("does not read on when the server sends more than the file has", async () => {
    let sent = 0;
    answer = (_, response) => {
      const more = (): void => {
        while (sent < 50 * body.length && !response.destroyed) {
          sent += body.length;
          if (!response.write(body)) {
            response.once("drain", more);
            return;
          }
        }
        response.end();
      };
      more();
    };
    await expect(get()).rejects.toMatchObject({ code: "invalid-data", message: expect.stringMatching(/got more/) });
    expect(sent).toBeLessThan(50 * body.length);
    expect(await readdir(folder)).toEqual([]);
  });

  it("lets two downloads of one file run side by side", async () => {
    // Both are under way before either gets its bytes.
    const waiting: (() => void)[] = [];
    answer = (request, response) => {
      waiting.push(() => whole(request, response));
      if (waiting.length === 2) for (const send of waiting) send();
    };
    const path = join(folder, "new", "cache", "data.gz");
    const both = [0, 1].map(() => download({ ...file, url: `${address}data.gz` }, path, { attempts: 1 }));
    await Promise.all(both);
    expect(body.equals(await readFile(path))).toBe(true);
    expect(await readdir(join(path, ".."))).toEqual(["data.gz"]);
  });

  it("takes up what a killed download left, once nobody writes to it any more", async () => {
    const part = join(folder, "data.gz.0b3c5a54-7a0e-4e0e-9d0c-1f6f2a4c9d11.part");
    await writeFile(part, body.subarray(0, 5000));
    await writeFile(join(folder, "data.gz.notes.part"), "not ours");
    await get();
    expect(ranges).toEqual([undefined]);
    expect((await readdir(folder)).sort()).toEqual(["data.gz", part.split("/").at(-1), "data.gz.notes.part"].sort());
    await rm(join(folder, "data.gz"));
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(part, longAgo, longAgo);
    await get();
    expect(ranges[1]).toBe("bytes=5000-");
    expect((await readdir(folder)).sort()).toEqual(["data.gz", "data.gz.notes.part"]);
  });

  it("says that the disk is full, not that the network failed, and keeps what came", async () => {
    disk = (handle) => {
      const real = handle.writeFile.bind(handle);
      let room = 1;
      const full = (write: () => Promise<unknown>) => async () => {
        if (room-- > 0) return write();
        throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
      };
      const first = body.subarray(0, 1000);
      handle.writeFile = full(() => real(first)) as typeof handle.writeFile;
      handle.write = full(() => real(first)) as typeof handle.write;
    };
    await expect(get()).rejects.toMatchObject({
      code: "file-system",
      message: expect.stringMatching(/data\.gz.*must be writable, but the disk is full; free some space/),
    });
    expect(ranges.length).toBe(1);
    expect(await readdir(folder)).toEqual(["data.gz.part"]);
    disk = null;
    await get();
    expect(ranges[1]).toBe("bytes=1000-");
  });

  it("loses nothing on a disk that takes half of every write", async () => {
    disk = (handle) => {
      const real = handle.write.bind(handle) as (bytes: Uint8Array, offset?: number, length?: number) => unknown;
      handle.write = ((bytes: Uint8Array, offset = 0, length = bytes.length - offset) =>
        real(bytes, offset, Math.ceil(length / 2))) as typeof handle.write;
    };
    await get({ attempts: 1 });
    expect(body.equals(await readFile(join(folder, "data.gz")))).toBe(true);
  });

  const cannotBeMade = async (path: string, reason: string) => {
    const message = expect.stringMatching(
      new RegExp(`cache: it must be writable, but .*${reason}.*; choose another folder or .*GANYMEDE_CACHE$`),
    );
    const expected = { code: "file-system", message };
    await expect(download({ ...file, url: `${address}data.gz` }, path)).rejects.toMatchObject(expected);
    expect(ranges).toEqual([]);
  };

  it("says in one sentence that the folder cannot be made", async () => {
    await writeFile(join(folder, "file"), "");
    await cannotBeMade(join(folder, "file", "cache", "data.gz"), "a part of its path is a file");
  });

  it.skipIf(process.platform !== "linux")("says so where the system keeps denying that a parent is there", () =>
    cannotBeMade("/proc/ganymede/cache/data.gz", "no such file or directory"),
  );
});
