import { deflateRawSync, inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { ByteSource } from "../../contracts/dataset.js";
import { bytesSource } from "../bytes-source.js";
import { crc32 } from "./crc32.js";
import { type Inflate, openZip } from "./open-zip.js";
import { writeZip } from "./write-zip.js";

const bytes = new TextEncoder().encode("some bytes");
const inflate: Inflate = (data, size) => inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
const open = (archive: Uint8Array) => openZip(bytesSource("a.zip", archive), inflate);

/** An archive of one compressed file that claims to have `size` bytes. */
function compressed(data: Uint8Array, size: number): Uint8Array {
  const packed = new Uint8Array(deflateRawSync(data));
  const archive = writeZip(new Map([["a", packed]]));
  const view = new DataView(archive.buffer);
  const central = view.getUint32(archive.length - 6, true);
  view.setUint16(central + 10, 8, true);
  view.setUint32(central + 16, crc32(data), true);
  view.setUint32(central + 24, size, true);
  return archive;
}

/** An archive above 4 GiB with one file at its end and another of 5 GiB of zeros, which lies nowhere. */
function largeArchive(): ByteSource {
  const gap = 5 * 2 ** 30;
  const small = writeZip(
    new Map([
      ["large", new Uint8Array()],
      ["small", bytes],
    ]),
  );
  const view = new DataView(small.buffer);
  const central = view.getUint32(small.length - 6, true);
  const second = central + 46 + 5;
  // The records again, with numbers of 64 bits: the first file has grown by the gap, and all behind it has moved.
  const extra = (...numbers: number[]): Uint8Array => {
    const out = new DataView(new ArrayBuffer(4 + 8 * numbers.length));
    out.setUint16(0, 1, true);
    out.setUint16(2, 8 * numbers.length, true);
    numbers.forEach((value, i) => out.setBigUint64(4 + 8 * i, BigInt(value), true));
    return new Uint8Array(out.buffer);
  };
  const record = (from: number, to: number, fields: readonly number[], numbers: readonly number[]): Uint8Array => {
    const added = extra(...numbers);
    const out = new Uint8Array([...small.subarray(from, to), ...added]);
    const at = new DataView(out.buffer);
    for (const field of fields) at.setUint32(field, 0xffffffff, true);
    at.setUint16(30, added.length, true);
    return out;
  };
  const body = small.subarray(0, central);
  const split = 30 + 5;
  const records = [
    ...record(central, second, [20, 24], [gap, gap]),
    ...record(second, second + 46 + 5, [42], [gap + view.getUint32(second + 42, true)]),
  ];
  const end = new DataView(new ArrayBuffer(56 + 20 + 22));
  end.setUint32(0, 0x06064b50, true);
  for (const [at, value] of [
    [32, 2],
    [40, records.length],
    [48, gap + central],
    [56 + 8, gap + central + records.length],
  ] as const) {
    end.setBigUint64(at, BigInt(value), true);
  }
  end.setUint32(56, 0x07064b50, true);
  end.setUint32(76, 0x06054b50, true);
  for (const at of [84, 86]) end.setUint16(at, 0xffff, true);
  for (const at of [88, 92]) end.setUint32(at, 0xffffffff, true);
  const tail = new Uint8Array([...body.subarray(split), ...records, ...new Uint8Array(end.buffer)]);
  return {
    name: "large.zip",
    size: gap + split + tail.length,
    read: async (offset, length) =>
      Uint8Array.from({ length }, (_, i) => {
        const at = offset + i;
        return (at < split ? body[at] : at < gap + split ? 0 : tail[at - gap - split]) ?? 0;
      }),
  };
}

describe("openZip", () => {
  it("reads stored and compressed files, whole or in part, and checks their checksums", async () => {
    const files = await open(writeZip(new Map([["b", bytes]])));
    expect(await files.get("b")?.read(100)).toEqual(bytes);
    expect(await files.get("b")?.readPart(5, 5)).toEqual(bytes.subarray(5));
    await expect(files.get("b")!.read(9)).rejects.toThrowError(/"b" must have at most 9 bytes, got 10/);
    const expanded = await (await open(compressed(bytes, 10))).get("a")!.read(100);
    expect(Uint8Array.from(expanded)).toEqual(bytes);
    const broken = writeZip(new Map([["b", bytes]]));
    broken[31]! ^= 1;
    await expect((await open(broken)).get("b")!.read(100)).rejects.toThrowError(/truncated or damaged/);
  });

  it("reads archives above 4 GiB", async () => {
    const files = await openZip(largeArchive());
    expect(files.get("large")).toMatchObject({ size: 5 * 2 ** 30, stored: true });
    expect(await files.get("large")?.readPart(5 * 2 ** 30 - 4, 4)).toEqual(new Uint8Array(4));
    expect(await files.get("small")?.read(100)).toEqual(bytes);
  });

  it.each([
    ["expand to more than they say", compressed(new Uint8Array(1 << 20), 1000)],
    ["expand to less than they say", compressed(bytes, 11)],
    ["say that they expand beyond all measure", compressed(bytes, 2 ** 32 - 2)],
  ])("refuses files that %s", async (_, archive) => {
    await expect((await open(archive)).get("a")!.read(2 ** 33)).rejects.toMatchObject({ code: "invalid-data" });
  });

  it("refuses two files of one name", async () => {
    const archive = writeZip(
      new Map([
        ["a", bytes],
        ["b", bytes],
      ]),
    );
    for (const [i, byte] of archive.entries()) if (byte === 0x62 && archive[i + 1] !== 0x79) archive[i] = 0x61;
    await expect(open(archive)).rejects.toThrowError(/truncated or damaged/);
  });
});
