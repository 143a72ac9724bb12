import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { cacheFolder } from "./cache-folder.js";
import { download } from "./download.js";
import { downloadFashionMnist } from "./fashion-mnist.js";

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
    await expect(get({ idleMs: 50, attempts: 1 })).rejects.toThrow(/no data for 50 ms/);
  });

  it("stops when it is told to", async () => {
    answer = () => undefined;
    await expect(get({ signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ code: "interrupted" });
  });
});

describe("downloadFashionMnist", () => {
  it("gets what is missing, with progress over all files", async () => {
    await writeFile(join(folder, "a.gz"), body);
    const seen: number[] = [];
    const files = { "a.gz": file, "b.gz": file };
    const options = { folder, address, files, onProgress: (received: number) => seen.push(received) };
    expect(await downloadFashionMnist(options)).toBe(folder);
    expect([body.equals(await readFile(join(folder, "b.gz"))), ranges.length]).toEqual([true, 1]);
    expect([seen[0], seen.at(-1)]).toEqual([200_000, 400_000]);
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
