import { describe, expect, it } from "vitest";
import { bytesSource } from "../bytes-source.js";
import { writeZip } from "../zip/write-zip.js";
import { openTorchFile } from "./open-torch-file.js";

/** A pickle from its instructions, as text of which each character is a byte. */
const pickled = (...instructions: string[]): Uint8Array =>
  Uint8Array.from(`\x80\x02${instructions.join("")}.`, (character) => character.charCodeAt(0));

const little = (value: number): string =>
  [0, 8, 16, 24].map((shift) => String.fromCharCode((value >>> shift) & 255)).join("");
const text = (value: string): string => `X${little(value.length)}${value}`;
const whole = (value: number): string => `J${little(value)}`;
const tuple = (...values: readonly number[]): string => `(${values.map(whole).join("")}t`;

/** A storage by its persistent id. */
const storage = (key: string, size: number, type = "FloatStorage"): string =>
  `(${text("storage")}ctorch\n${type}\n${text(key)}${text("cpu")}${whole(size)}tQ`;

const tensor = (of: string, shape: readonly number[], strides: readonly number[], offset = 0): string =>
  `ctorch._utils\n_rebuild_tensor_v2\n(${of}${whole(offset)}${tuple(...shape)}${tuple(...strides)}\x89}tR`;

const dict = (...pairs: readonly [string, string][]): string =>
  `}(${pairs.map(([name, value]) => text(name) + value).join("")}u`;

const raw = (...values: number[]): Uint8Array => new Uint8Array(Float32Array.from(values).buffer);

const file = (pickle: Uint8Array, storages: Readonly<Record<string, Uint8Array>> = {}) => {
  const data = Object.entries(storages).map(([key, bytes]): [string, Uint8Array] => [`a/data/${key}`, bytes]);
  return bytesSource("hostile.pth", writeZip(new Map([["a/data.pkl", pickle], ...data])));
};

const four = { "0": raw(1, 2, 3, 4) };

describe("openTorchFile on hostile files", () => {
  it("does not follow keys that are lists within lists, which as text would take 2^n characters", async () => {
    // Each list holds the one before it twice.
    const doubled = Array.from(
      { length: 60 },
      (_, i) => `](h${String.fromCharCode(i)}h${String.fromCharCode(i)}eq${String.fromCharCode(i + 1)}`,
    );
    const key = `]q\x00${doubled.join("")}`;
    const pickle = pickled("}(", key, "N", text("a"), tensor(storage("0", 4), [4], [1]), "u");
    expect([...(await openTorchFile(file(pickle, four))).keys()]).toEqual(["a"]);
    const below = pickled("}(", key, dict(["b", tensor(storage("0", 4), [4], [1])]), "u");
    expect([...(await openTorchFile(file(below, four))).keys()]).toEqual([]);
  });

  it.each([
    ["20,000 lists in each other", "](".repeat(20_000) + "e".repeat(20_000), /nested in at most 64 dicts/],
    ["a path without an end", dict(["x".repeat(501), "}"]), /paths of at most 500 characters/],
    ["more instructions than any file has", "N0".repeat(2 ** 20), /at most 2097152 instructions/],
    [
      "a list of pairs that is copied by every call",
      `](${"NN\x86".repeat(5000)}eq\x000${"ccollections\nOrderedDict\nh\x00\x85R0".repeat(500)}N`,
      /at most 2097152 pairs/,
    ],
    ["pairs that are none", "ccollections\nOrderedDict\nK\x01\x85R", /must be made of pairs/],
    ["a view that repeats its storage", tensor(storage("0", 4), [1 << 30], [0]), /repeats the 4 values/],
    ["more axes than a tensor can have", tensor(storage("0", 4), Array(65).fill(1), Array(65).fill(1)), /64 axes/],
    ["a storage of two sizes", dict(["a", storage("0", 4)], ["b", storage("0", 2)]), /one type and size, got two/],
    [
      "a storage of two types",
      dict(["a", storage("0", 4)], ["b", storage("0", 4, "IntStorage")]),
      /one type and size, got two/,
    ],
    ["a storage that is larger than its file", tensor(storage("0", 1 << 30), [4], [1]), /must have 4294967296/],
    [
      "two tensors of one path",
      dict(["a.b", tensor(storage("0", 4), [4], [1])], ["a", dict(["b", tensor(storage("0", 4), [4], [1])])]),
      /two called "a\.b"/,
    ],
    ["an unknown protocol", "\x80\x09N", /protocol 2 to 5, got 9/],
    ["items of a number", "K\x01(NNu", /sets items of a value that is not a dict/],
    ["members of a list", "](N\x90", /a value that is not a set/],
  ])("refuses %s in one sentence", async (_, pickle, message) => {
    const error = await openTorchFile(file(pickled(pickle), four)).catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: expect.stringMatching(/^(invalid-data|unsupported)$/) });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toMatch(/^hostile\.pth: .{0,400}$/);
  });

  it("keeps the shape of a tensor although the pickle changes the list that it came from", async () => {
    const list = `](${whole(2)}eq\x00`;
    const built = `ctorch._utils\n_rebuild_tensor_v2\n(${storage("0", 4)}K\x00${list}${tuple(1)}\x89}tR`;
    const pickle = pickled("}(", text("a"), built, "u", `h\x00${whole(9)}a0`);
    const found = await openTorchFile(file(pickle, four));
    expect(found.get("a")?.shape).toEqual([2]);
    expect(await found.get("a")?.read()).toEqual(Float32Array.of(1, 2));
  });

  it("reads only the part of a storage that a tensor reaches", async () => {
    const size = 1 << 20;
    const values = new Uint8Array(4 * size);
    values.set(raw(1, 2, 3), 400);
    const views = Array.from({ length: 200 }, (_, i): [string, string] => [
      `t${i}`,
      tensor(storage("0", size), [3], [1], 100),
    ]);
    const source = file(pickled(dict(...views)), { "0": values });
    let bytes = 0;
    const counted = {
      ...source,
      read(at: number, length: number) {
        bytes += length;
        return source.read(at, length);
      },
    };
    for (const each of (await openTorchFile(counted)).values()) {
      expect(await each.read()).toEqual(Float32Array.of(1, 2, 3));
    }
    expect(bytes).toBeLessThan(500_000);
  });

  it("finds damage in the values by their checksum", async () => {
    const { name, size, read } = file(pickled(dict(["a", tensor(storage("0", 4), [4], [1])])), four);
    const bytes = (await read(0, size)).slice();
    const at = bytes.findIndex((_, i) => [0, 0, 0x80, 0x3f].every((byte, k) => bytes[i + k] === byte));
    bytes[at + 1] = 1;
    const found = await openTorchFile(bytesSource(name, bytes));
    await expect(found.get("a")!.read()).rejects.toThrowError(/^hostile\.pth: the zip archive is truncated or damaged/);
  });

  it("reads over what stands beside tensors", async () => {
    const beside: [string, string][] = [
      [
        "numpy",
        "cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(X\x02\0\0\0f8K\x00K\x01tR(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tbC\x0212tR",
      ],
      ["numpy2", "\x8c\x16numpy._core.multiarray\x8c\x06scalar\x93)R"],
      ["size", `ctorch\nSize\n${tuple(2, 3)}\x85R`],
      ["dtype", "ctorch\nfloat32\n"],
      ["device", `ctorch\ndevice\n(${text("cuda")}K\x00tR`],
      ["set", "c__builtin__\nset\n](K\x01e\x85R"],
      ["set4", "\x8f(K\x01\x90"],
      ["frozen", "(K\x01\x91"],
      ["bytes", "B\x03\0\0\0abc"],
      ["bytes2", `c_codecs\nencode\n(${text("a")}${text("latin1")}tR`],
      ["args", `cargparse\nNamespace\n)\x81${dict(["lr", "K\x01"])}b`],
    ];
    const pickle = pickled(dict(...beside, ["weight", tensor(storage("0", 4), [4], [1])]));
    const found = await openTorchFile(file(pickle, four));
    expect([...found.keys()]).toEqual(["weight"]);
    expect(await found.get("weight")?.read()).toEqual(Float32Array.of(1, 2, 3, 4));
  });

  it("reads protocol 4: frames, memoized values and globals from the stack", async () => {
    const short = (value: string): string => `\x8c${String.fromCharCode(value.length)}${value}\x94`;
    const id = `(${short("storage")}${short("torch")}${short("FloatStorage")}\x93\x94${short("0")}${short("cpu")}K\x04t\x94Q`;
    const body = `}\x94${short("w")}${short("torch._utils")}${short("_rebuild_tensor_v2")}\x93\x94(${id}K\x00K\x04\x85\x94K\x01\x85\x94\x89}\x94t\x94R\x94s`;
    const frame = `\x80\x04\x95${little(body.length + 1)}\0\0\0\0${body}.`;
    const pickle = Uint8Array.from(frame, (character) => character.charCodeAt(0));
    expect(await (await openTorchFile(file(pickle, four))).get("w")?.read()).toEqual(Float32Array.of(1, 2, 3, 4));
  });
});
