import { gzipSync } from "node:zlib";
import { writeZip } from "@ganymede/core/checkpoint";
import type { Random } from "./random.js";
import type { Format } from "./seeds.js";

const latin = (value: string): Uint8Array => Uint8Array.from(value, (character) => character.charCodeAt(0));
const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A pickle that builds no tensors but much of something. */
function pickle(random: Random): string {
  const depth = 1 + random.below(30_000);
  const doubled = Array.from({ length: Math.min(250, depth) }, (_, i) => {
    const [before, next] = [String.fromCharCode(i), String.fromCharCode(i + 1)];
    return `](h${before}h${before}eq${next}`;
  });
  return random.pick([
    () => `${"](".repeat(depth)}${"e".repeat(depth)}`,
    () => `${"}(K\x01".repeat(depth)}${"u".repeat(depth)}`,
    () => `}(]q\x00${doubled.join("")}NuN`,
    () => `}(X\x01\0\0\0a]q\x00${doubled.join("")}u`,
    () => `](${"NN\x86".repeat(depth)}eq\x000${"ccollections\nOrderedDict\nh\x00\x85R0".repeat(depth)}N`,
    () => "}".repeat(depth * 8),
    () => `X${String.fromCharCode(255, 255, 255, 127)}a`,
    () => `\x8d${String.fromCharCode(255, 255, 255, 255, 255, 255, 255, 127)}a`,
    () => `\x8a\xff${"\xff".repeat(255)}`,
    () => `${"(".repeat(depth)}${"t".repeat(depth)}`,
    () => `]q\x00${"h\x00a".repeat(depth)}`,
  ])();
}

/** A tensor in a storage, either of which may claim any size. */
function tensor(random: Random): string {
  const size = (): string =>
    random.pick(["K\x00", "K\x04", "J\xff\xff\xff\x7f", "\x8a\x07\xff\xff\xff\xff\xff\xff\x1f"]);
  const sizes = (): string => `(${Array.from({ length: random.below(70) % 5 }, size).join("")}t`;
  const storage = (): string =>
    `(X\x07\0\0\0storagectorch\n${random.pick(["Float", "Long", "Bool", "Double"])}Storage\nX\x01\0\0\0${random.pick(["0", "1"])}X\x03\0\0\0cpu${size()}tQ`;
  const one = (): string => `ctorch._utils\n_rebuild_tensor_v2\n(${storage()}${size()}${sizes()}${sizes()}\x89}tR`;
  const names = Array.from({ length: 1 + random.below(50) }, (_, i) => String.fromCharCode(97 + (i % 26)));
  return `}(${names.map((name) => `X\x01\0\0\0${name}${one()}`).join("")}u`;
}

const pickled = (random: Random): Uint8Array => latin(`\x80\x02${random.pick([pickle, tensor])(random)}.`);

function torchZip(random: Random): Uint8Array {
  const storage = new Uint8Array(random.pick([0, 4, 16, 4096]));
  return writeZip(
    new Map([
      ["a/data.pkl", pickled(random)],
      ["a/data/0", storage],
      ["a/data/1", storage],
    ]),
  );
}

function torchLegacy(random: Random): Uint8Array {
  const head = "\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.\x80\x02M\xe9\x03.\x80\x02}.";
  const keys = `\x80\x02](${"X\x01\0\0\x000".repeat(1 + random.below(3))}e.`;
  return new Uint8Array(Buffer.concat([latin(head), pickled(random), latin(keys), new Uint8Array(random.below(64))]));
}

function safetensors(random: Random): Uint8Array {
  const many = 1 + random.below(20_000);
  const size = (): string => random.pick(["0", "1", "4294967296", "9007199254740991", "-1", "1e308", "0.5", "null"]);
  const one = (name: string): string =>
    `${JSON.stringify(name)}:{"dtype":"${random.pick(["F32", "F8_E5M2", "I64", "BOOL", "constructor"])}","shape":[${size()},${size()}],"data_offsets":[${size()},${size()}]}`;
  const header = random.pick([
    () => `${"[".repeat(many)}${"]".repeat(many)}`,
    () => `{"a":${'{"a":'.repeat(many)}1${"}".repeat(many)}}`,
    () => `{${Array.from({ length: many }, (_, i) => one(`t${i}`)).join()}}`,
    () => `{"__proto__":1,"__metadata__":{"__proto__":"a"},${one("constructor")}}`,
    () => `{"__metadata__":{"format":"ganymede-1","config":"${"[".repeat(many)}"}}`,
    () => `{${one("a".repeat(many))}}`,
  ])();
  const bytes = text(header);
  const out = new Uint8Array(8 + bytes.length + random.below(64));
  const length = random.below(4) === 0 ? random.pick([0n, 1n, 2n ** 31n, 2n ** 63n]) : BigInt(bytes.length);
  new DataView(out.buffer).setBigUint64(0, length, true);
  out.set(bytes, 8);
  return out;
}

/** An archive whose members claim to be large, or expand to much. */
function npz(random: Random): Uint8Array {
  const npy = (shape: string, more: number): Uint8Array =>
    new Uint8Array(
      Buffer.concat([
        latin("\x93NUMPY\x01\x00\x76\x00"),
        latin(`{'descr': '<f8', 'fortran_order': False, 'shape': (${shape}), }`.padEnd(117)),
        latin("\n"),
        new Uint8Array(more),
      ]),
    );
  const shape = (): string => random.pick(["2,", "2, 2", "99999999999,", "0,", "0, 0", ", ".repeat(1000)]);
  const archive = writeZip(
    new Map([
      ["mu.npy", npy(shape(), random.pick([0, 16, 32]))],
      ["sigma.npy", npy(shape(), random.pick([0, 32, 1 << 20]))],
    ]),
  );
  const view = new DataView(archive.buffer);
  const central = view.getUint32(archive.length - 6, true);
  // Compressed, or so it says.
  if (random.below(2) === 0) view.setUint16(central + 10, 8, true);
  if (random.below(2) === 0) view.setUint32(central + 24, random.pick([0, 0x7fffffff, 0xffffffff]), true);
  return archive;
}

function idx(random: Random): Uint8Array {
  const rank = random.pick([0, 1, 2, 3, 4, 5, 255]);
  const sizes = Array.from({ length: rank }, () => random.pick([0, 1, 2, 255, 65_535, 0xffffffff]));
  const header = sizes.flatMap((size) => [size >>> 24, (size >>> 16) & 255, (size >>> 8) & 255, size & 255]);
  return Uint8Array.from([0, 0, random.pick([8, 9, 13]), rank, ...header, ...new Uint8Array(random.below(512))]);
}

/** A record with some settings replaced, removed or added, at any depth. */
function changedSettings(value: unknown, random: Random): unknown {
  if (Array.isArray(value)) return value.map((item) => changedSettings(item, random));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([name, item]): [string, unknown][] => {
    if (random.below(40) > 0) return [[name, changedSettings(item, random)]];
    const odd = random.pick([null, 0, -1, 0.5, 1e308, 1e9, 3, "", "a", true, [], {}, [null], { kind: "a" }, [[]]]);
    return random.pick([
      [],
      [[name, odd]],
      [[name, odd]],
      [
        [name, item],
        ["unknown", odd],
      ],
    ]) as [string, unknown][];
  });
  return Object.fromEntries(entries);
}

function json(random: Random, seeds: readonly Uint8Array[]): Uint8Array {
  const depth = 1 + random.below(50_000);
  const value = (): string =>
    random.pick(["null", "0", "-1", "1e308", '""', "[]", "{}", "true", '"__proto__"', `[${"0,".repeat(1000)}0]`]);
  const config = (): string =>
    `{"format":1,"family":${random.pick(['"vitgan"', '"sagan"', '"skinny"', value()])},"preset":${value()},"model":${value()},"training":${random.pick([value(), '{"batch":1}'])},"data":${value()},"seed":${value()},"backend":${value()},"every":${value()},"versions":${value()}}`;
  return text(
    random.pick([
      () => "[".repeat(depth),
      () => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`,
      config,
      ...Array<() => string>(4).fill(() =>
        new TextDecoder()
          .decode(random.pick(seeds))
          .split(/\n(?=\{|$)/)
          .filter((each) => each !== "")
          .map((each) => JSON.stringify(changedSettings(JSON.parse(each), random)))
          .join("\n"),
      ),
      () => `{"step":${value()},"a":${value()}}\n`.repeat(1 + random.below(5000)),
      value,
      () => "\u0000",
    ])(),
  );
}

/** Files that nobody wrote by accident; formats without any get changed files only. */
export const hostile: Readonly<Partial<Record<Format, (random: Random, seeds: readonly Uint8Array[]) => Uint8Array>>> =
  {
    safetensors,
    "torch zip": torchZip,
    "torch legacy": torchLegacy,
    npz,
    statistics: safetensors,
    idx,
    // Small files that unpack to much: 64 MiB of zeros are 64 kB.
    "idx.gz": (random) => new Uint8Array(gzipSync(random.below(8) === 0 ? new Uint8Array(2 ** 26) : idx(random))),
    "run configuration": json,
    "metrics log": json,
  };
