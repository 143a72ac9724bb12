import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkDataset } from "@ganymede/core/testing";
import sharp from "sharp";
import { afterAll, beforeAll, expect, it } from "vitest";
import { writeFolder } from "../fixtures/write-folder.js";
import { data } from "./plugin.js";

let root = "";
const places: Record<string, string> = { scenes: "scenes:32" };

/** Records of CIFAR: labels, then 3072 bytes. */
const records = (count: number, labels: number) =>
  Uint8Array.from({ length: count * (labels + 3072) }, (_, i) => {
    const at = i % (labels + 3072);
    return at < labels ? i % 7 : (i * 31) % 251;
  });

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "ganymede-data-"));
  const idx = [0, 0, 8, 3, 0, 0, 0, 5, 0, 0, 0, 8, 0, 0, 0, 8, ...Array.from({ length: 320 }, (_, i) => (i * 7) % 256)];
  places.idx = await writeFolder(root, "digits", { "train-images-idx3-ubyte": Uint8Array.from(idx) });
  const batches = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`data_batch_${n}.bin`, records(2, 1)]));
  places["cifar-10"] = await writeFolder(root, "cifar-10-batches-bin", { ...batches, "test_batch.bin": records(2, 1) });
  const hundred = { "train.bin": records(3, 2), "test.bin": records(2, 2) };
  places["cifar-100"] = await writeFolder(root, "cifar-100-binary", hundred);
  const paint = (level: number) =>
    sharp({ create: { width: 24, height: 20, channels: 3, background: { r: level, g: 9, b: 99 } } })
      .png()
      .toBuffer();
  places.folder = await writeFolder(root, "photos", {
    "a.png": await paint(1),
    "b.png": await paint(2),
    "c.png": await paint(200),
  });
});
afterAll(() => rm(root, { recursive: true, force: true }));

it.each((data().datasets ?? []).map((source) => [source.id, source] as const))("%s", async (id, source) => {
  expect(Object.keys(places)).toContain(id);
  const place = places[id] as string;
  await checkDataset(source, id === "scenes" ? { place, sizes: [32, 48] } : { place });
});
