import { mkdtemp, open, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openSafetensors } from "../checkpoint/decode.js";
import { fileSource } from "./file-source.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-source-"));
  return () => rm(folder, { recursive: true });
});

/** A safetensors file of 3 GiB of which only the ends are on the disk; null where the file system has no holes. */
async function sparseFile(path: string): Promise<number | null> {
  const gap = 3 * 2 ** 30;
  const described = {
    first: { dtype: "F32", shape: [2], data_offsets: [0, 8] },
    large: { dtype: "F32", shape: [gap / 4], data_offsets: [8, 8 + gap] },
    last: { dtype: "I32", shape: [1], data_offsets: [8 + gap, 12 + gap] },
  };
  const text = new TextEncoder().encode(JSON.stringify(described));
  const header = new Uint8Array(8 + text.length);
  new DataView(header.buffer).setBigUint64(0, BigInt(text.length), true);
  header.set(text, 8);
  const handle = await open(path, "w");
  try {
    await handle.write(header);
    await handle.write(new Uint8Array(Float32Array.of(1, 2).buffer));
    await handle.write(new Uint8Array(Int32Array.of(7).buffer), 0, 4, header.length + 8 + gap);
    const { blocks } = await handle.stat();
    return blocks * 512 < 2 ** 24 ? header.length + 12 + gap : null;
  } catch {
    return null;
  } finally {
    await handle.close();
  }
}

describe("fileSource", () => {
  it("reads a few tensors of a checkpoint of 3 GiB, and no more of it", async ({ skip }) => {
    const path = join(folder, "large.safetensors");
    const size = await sparseFile(path);
    if (size === null) skip("the temporary folder holds no sparse file of 3 GiB");
    const source = await fileSource(path);
    expect(source.size).toBe(size);
    let most = 0;
    const counted = {
      ...source,
      read(at: number, length: number) {
        most = Math.max(most, length);
        return source.read(at, length);
      },
    };
    const { tensors } = await openSafetensors(counted);
    expect(tensors.get("large")?.shape).toEqual([805_306_368]);
    expect(await tensors.get("first")?.read()).toEqual(Float32Array.of(1, 2));
    expect(await tensors.get("last")?.read()).toEqual(Int32Array.of(7));
    expect(most).toBeLessThan(1000);
    await truncate(path, 3 * 2 ** 30);
    await expect(openSafetensors(await fileSource(path))).rejects.toThrowError(
      /large\.safetensors: the data must have/,
    );
  });

  it("refuses what is not there, and a file that changed", async () => {
    const path = join(folder, "a");
    await expect(fileSource(path)).rejects.toMatchObject({ code: "missing-file" });
    await expect(fileSource(folder)).rejects.toThrowError(/it is not a regular file/);
    await writeFile(path, "abcdef");
    const source = await fileSource(path);
    expect(new TextDecoder().decode(await source.read(2, 3))).toBe("cde");
    for (const [offset, length] of [
      [4, 3],
      [-1, 2],
      [0, Number.NaN],
    ] as const) {
      await expect(source.read(offset, length)).rejects.toThrowError(/must stay within 6 bytes/);
    }
    await writeFile(path, "other content");
    await expect(source.read(0, 1)).rejects.toThrowError(/must not change/);
    await rm(path);
    await expect(source.read(0, 1)).rejects.toMatchObject({ code: "missing-file" });
  });
});
