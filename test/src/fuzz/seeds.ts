import { deflateRawSync, gzipSync } from "node:zlib";
import { builtInPlugins } from "@ganymede/cli/testing";
import { createRegistry } from "@ganymede/core";
import { encodeSafetensors } from "@ganymede/core/checkpoint";
import { type WrittenTensor, writeLegacyTorchFile, writeZipTorchFile } from "@ganymede/core/testing";
import { slicedWasserstein, writeNpz } from "@ganymede/metrics";
import sharp from "sharp";

/** Kinds of files that are read from outside, with the name that their reader knows them by. */
export const formats = {
  safetensors: "a.safetensors",
  "torch zip": "a.pth",
  "torch legacy": "a.pth",
  npz: "a.npz",
  statistics: "a.safetensors",
  idx: "train-images-idx3-ubyte",
  "idx.gz": "train-images-idx3-ubyte.gz",
  "cifar-10": "data_batch_1.bin",
  "cifar-100": "train.bin",
  png: "a.png",
  jpeg: "a.jpg",
  webp: "a.webp",
  gif: "a.gif",
  tiff: "a.tiff",
  "run configuration": "config.json",
  "metrics log": "metrics.jsonl",
} as const;

export type Format = keyof typeof formats;

/** Valid files of every format, small so that a change is likely to hit what matters. */
export type Seeds = Readonly<Record<Format, readonly Uint8Array[]>>;

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, i) => (i * 37) % 251);
const ramp = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => i / count);

const tensors: readonly WrittenTensor[] = [
  { name: "layer.weight", shape: [3, 4], strides: [1, 3], data: ramp(12) },
  { name: "layer.bias", shape: [3], strides: [1], data: ramp(3) },
  { name: "steps", shape: [], strides: [], data: BigInt64Array.of(7n) },
];

const safetensors = (): Uint8Array =>
  encodeSafetensors(
    [
      { name: "weight", shape: [3, 4], dtype: "F32", data: ramp(12) },
      { name: "steps", shape: [1], dtype: "I32", data: Int32Array.of(7) },
      { name: "sum", shape: [2], dtype: "F64", data: Float64Array.of(1, 2) },
    ],
    { format: "ganymede-1", step: "7" },
  );

/** An archive of stored files with the same files compressed. */
function compressed(archive: Uint8Array): Uint8Array {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const parts: Uint8Array[] = [];
  const records: Uint8Array[] = [];
  let [at, offset] = [0, 0];
  while (view.getUint32(at, true) === 0x04034b50) {
    const size = view.getUint32(at + 18, true);
    const begin = at + 30 + view.getUint16(at + 26, true);
    const packed = new Uint8Array(deflateRawSync(archive.subarray(begin, begin + size)));
    const header = archive.slice(at, begin);
    const local = new DataView(header.buffer);
    local.setUint16(8, 8, true);
    local.setUint32(18, packed.length, true);
    const record = new Uint8Array(46 + header.length - 30);
    record.set([0x50, 0x4b, 1, 2, 20, 0]);
    record.set(header.subarray(4, 30), 6);
    record.set(header.subarray(30), 46);
    new DataView(record.buffer).setUint32(42, offset, true);
    parts.push(header, packed);
    records.push(record);
    offset += header.length + packed.length;
    at = begin + size;
  }
  const end = archive.slice(archive.length - 22);
  new DataView(end.buffer).setUint32(16, offset, true);
  return new Uint8Array(Buffer.concat([...parts, ...records, end]));
}

function npz(): readonly Uint8Array[] {
  const plain = writeNpz({ mean: Float64Array.of(1, 2, 3), covariance: Float64Array.from({ length: 9 }, (_, i) => i) });
  return [plain, compressed(plain)];
}

const idx = (): readonly Uint8Array[] => [
  Uint8Array.from([0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 8, 0, 0, 0, 8, ...bytes(256)]),
  Uint8Array.from([0, 0, 8, 4, 0, 0, 0, 2, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 3, ...bytes(96)]),
];

const cifar = (labels: number): Uint8Array =>
  new Uint8Array(Buffer.concat([1, 2].map((label) => Buffer.from([...Array(labels).fill(label), ...bytes(3072)]))));

/** Run configurations of every family's smallest preset. */
async function configurations(): Promise<readonly Uint8Array[]> {
  const registry = createRegistry(await builtInPlugins());
  return registry.list("models").flatMap(({ id, presets }) =>
    presets
      .filter((preset) => preset.id.endsWith("-tiny"))
      .map(({ id: preset, model, training }) => {
        const config = {
          format: 1,
          family: id,
          preset,
          model,
          training,
          data: { place: "images", id: "images-32", images: 20 },
          seed: 1,
          backend: { id: "cpu", device: "cpu" },
          every: { log: 10, sample: 500, checkpoint: 500 },
          plugins: [{ specifier: "ganymede-plugin-x", name: "ganymede-plugin-x", version: "1.0.0" }],
          changes: [],
          versions: { "@ganymede/core": "0.0.0" },
        };
        return text(`${JSON.stringify(config, null, 2)}\n`);
      }),
  );
}

const log = (): Uint8Array =>
  text([1, 2, 3].map((step) => `${JSON.stringify({ step, images: 8 * step, generator: 0.7 / step })}\n`).join(""));

/** The files that changes are made to. */
export async function makeSeeds(): Promise<Seeds> {
  const picture = (channels: 3 | 4) =>
    sharp(bytes(12 * 10 * channels), { raw: { width: 12, height: 10, channels } }).withMetadata({ orientation: 6 });
  const encoded = async (kind: "png" | "jpeg" | "webp" | "gif" | "tiff"): Promise<readonly Uint8Array[]> =>
    Promise.all(
      ([3, 4] as const).map(async (channels) => new Uint8Array(await picture(channels).toFormat(kind).toBuffer())),
    );
  const metric = slicedWasserstein();
  const state = metric.start();
  await metric.add(state, bytes(2 * 16 * 16), [2, 16, 16, 1]);
  return {
    safetensors: [safetensors()],
    "torch zip": [writeZipTorchFile(tensors)],
    "torch legacy": [writeLegacyTorchFile(tensors)],
    npz: npz(),
    statistics: [metric.save(state)],
    idx: idx(),
    "idx.gz": idx().map((each) => new Uint8Array(gzipSync(each))),
    "cifar-10": [cifar(1)],
    "cifar-100": [cifar(2)],
    png: await encoded("png"),
    jpeg: await encoded("jpeg"),
    webp: await encoded("webp"),
    gif: await encoded("gif"),
    tiff: await encoded("tiff"),
    "run configuration": await configurations(),
    "metrics log": [log()],
  };
}
