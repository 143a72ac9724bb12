import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeSafetensors } from "@ganymede/core/checkpoint";
import { writeLegacyTorchFile, writeZipTorchFile } from "@ganymede/core/testing";
import { beforeAll, describe, expect, it } from "vitest";
import type { TestCommand } from "../fixtures/test-context.js";
import { testCommand } from "../fixtures/test-context.js";
import { toyPlugin } from "../fixtures/toy-plugin.js";
import { runCommandLine } from "../run-command-line.js";

let command: TestCommand;

beforeAll(async () => {
  command = await testCommand();
});

const ramp = (size: number, from: number) => Float32Array.from({ length: size }, (_, i) => from + i / size);

/** A checkpoint as the authors of the toy family would write it: three networks of `toy-small`, behind a wrapper for devices. */
const tensors = (width = 3) => [
  { name: "gen_state_dict.module.linear.weight", shape: [64, width], strides: [width, 1], data: ramp(64 * width, 0) },
  {
    name: "avg_gen_state_dict.module.linear.weight",
    shape: [64, width],
    strides: [width, 1],
    data: ramp(64 * width, 1),
  },
  { name: "dis_state_dict.body.weight", shape: [width, 64], strides: [64, 1], data: ramp(64 * width, 2) },
  { name: "dis_state_dict.head.weight", shape: [1, width], strides: [width, 1], data: ramp(width, 3) },
  { name: "dis_state_dict.norm.num_batches_tracked", shape: [], strides: [], data: BigInt64Array.of(7n) },
];

const put = (name: string, bytes: Uint8Array) => writeFile(join(command.cwd, name), bytes);
const arrays = async (name: string) => decodeSafetensors(await readFile(join(command.cwd, name)), name).tensors;

describe("ganymede import", () => {
  it.each([
    ["zip", writeZipTorchFile],
    ["legacy", writeLegacyTorchFile],
  ])("makes a run of a %s checkpoint that export writes back as it was", async (kind, write) => {
    await put(`${kind}.pth`, write(tensors()));
    expect(
      await command.run("import", "toy", `${kind}.pth`, "--out", kind, "--backend", "cpu"),
      command.notes.join(),
    ).toBe(0);
    expect(command.notes.at(-1)).toBe("Imported as toy-small: generator, average, discriminator");
    for (const [network, from, name] of [
      ["average", 1, "linear.weight"],
      ["generator", 0, "linear.weight"],
      ["discriminator", 2, "body.weight"],
    ] as const) {
      expect(await command.run("export", kind, "--network", network, "--out", "back.safetensors")).toBe(0);
      const back = (await arrays("back.safetensors")).get(name)!;
      expect(Array.from(back.data)).toEqual(Array.from(ramp(192, from)));
    }
    expect(await command.run("sample", kind, "--count", "2", "--out", "images.png", "--backend", "cpu")).toBe(0);
  });

  it("trains on with data that is named then", async () => {
    const run = ["--out", "zip", "--resume", "--backend", "cpu", "--steps", "2"];
    expect(await command.run("train", ...run, "--data", "images"), command.notes.join()).toBe(0);
    expect(await command.run("eval", "zip", "--metric", "swd", "--count", "4", "--backend", "cpu")).not.toBe(0);
    expect(command.notes.at(-1)).toMatch(/imported weights have no data of their own/);
  });

  it("takes the bare state dict of one network, and makes the other anew", async () => {
    const [, average] = tensors();
    await put("one.pth", writeZipTorchFile([{ ...average!, name: "linear.weight" }]));
    expect(await command.run("import", "toy-small", "one.pth", "--out", "one", "--backend", "cpu")).toBe(0);
    expect(command.notes.at(-1)).toBe("Imported as toy-small: generator");
  });

  it.each<[string, readonly string[], RegExp]>([
    [
      "wide.pth",
      ["toy"],
      /^import: the file must match a preset of the family "toy", but it matches none of toy-small, toy-wide, toy-large/,
    ],
    ["wide.pth", ["toy-small"], /must fit "weight" of shape \[3, 64\], got \[64, 9\]/],
    ["foreign.pth", ["toy-small"], /must contain weights of this family, got other names, such as "conv.weight"/],
    ["more.pth", ["toy-small"], /"extra.weight" is not/],
    ["none.pth", ["toy-small"], /the weights file does not exist/],
  ])("refuses %s as %j in a sentence, and leaves no run", async (file, [family], message) => {
    const [, average] = tensors();
    await put("wide.pth", writeZipTorchFile(tensors(9)));
    await put("foreign.pth", writeZipTorchFile([{ ...average!, name: "conv.weight" }]));
    const extra = { ...average!, name: "gen_state_dict.extra.weight" };
    await put("more.pth", writeZipTorchFile([...tensors(), extra]));
    expect(await command.run("import", family!, file, "--out", "refused", "--backend", "cpu")).not.toBe(0);
    expect(command.notes.at(-1)).toMatch(message);
    await expect(readFile(join(command.cwd, "refused", "config.json"))).rejects.toThrow();
  });

  it("takes a discriminator that shares names with the generator, compiled and wrapped, and refuses values that are not finite", async () => {
    const [, , body, head] = tensors();
    const wrapped = [body!, head!].map((each) => ({
      ...each,
      name: each.name.replace("dis_state_dict.", "ema_model.module._orig_mod."),
    }));
    await put("judge.pth", writeZipTorchFile(wrapped));
    expect(await command.run("import", "toy-small", "judge.pth", "--out", "judge", "--backend", "cpu")).toBe(0);
    expect(command.notes.at(-1)).toBe("Imported as toy-small: discriminator");
    const lost = { ...head!, data: Float32Array.of(1, Number.NaN, 2) };
    await put("lost.pth", writeZipTorchFile([body!, lost]));
    expect(await command.run("import", "toy-small", "lost.pth", "--out", "lost", "--backend", "cpu")).toBe(4);
    expect(command.notes.at(-1)).toMatch(
      /lost\.pth: every weight must be finite as a float32, but some of "head\.weight"/,
    );
  });

  it("executes nothing: a file that names a function is refused by that name", async () => {
    const call = "\x80\x02cos\nsystem\nq\x00X\x04\x00\x00\x00trueq\x01\x85q\x02Rq\x03.";
    const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
    const head = [...magic, 0x80, 2, 0x4d, 0xe9, 0x03, 0x2e, 0x80, 2, 0x7d, 0x2e];
    await put("evil.pth", Uint8Array.from([...head, ...Array.from(call, (letter) => letter.charCodeAt(0))]));
    expect(await command.run("import", "toy", "evil.pth", "--out", "evil", "--backend", "cpu")).not.toBe(0);
    expect(command.notes.at(-1)).toMatch(/os\.system/);
  });
});

describe("a file of another size", () => {
  it("is refused before the state of a network is begun", async () => {
    let begun = 0;
    const plugin = toyPlugin();
    const models = plugin.models!.map((family) => ({
      ...family,
      create: (...args: Parameters<typeof family.create>) => ({
        ...family.create(...args),
        generatorWeights: {
          init: () => {
            begun++;
            return {};
          },
          apply: (params: object) => params,
          advance: (_: object, state: object) => state,
        },
      }),
    }));
    const other = await testCommand();
    const { context } = other;
    const builtIn = await context.builtIn();
    const all = builtIn.map((each) => (each.name === plugin.name ? { ...plugin, models: models as never } : each));
    const run = (file: string) =>
      runCommandLine(["import", "toy", join(command.cwd, file), "--backend", "cpu"], {
        ...context,
        builtIn: async () => all,
      });
    await put("wide.pth", writeZipTorchFile(tensors(9)));
    expect(await run("wide.pth")).toBe(4);
    expect(begun).toBe(0);
    await put("right.pth", writeZipTorchFile(tensors()));
    expect(await run("right.pth"), other.notes.join("\n")).toBe(0);
    expect(begun).toBeGreaterThan(0);
  });
});

describe("ganymede export", () => {
  it("writes our names where they are asked for", async () => {
    expect(await command.run("export", "legacy", "--names", "ours", "--out", "ours.safetensors")).toBe(0);
    expect([...(await arrays("ours.safetensors")).keys()]).toEqual(["weight"]);
    expect(await command.run("import", "toy", "ours.safetensors", "--out", "ours", "--backend", "cpu")).toBe(0);
    expect(command.notes.at(-1)).toBe("Imported as toy-small: generator");
  });

  it("refuses an ONNX model of the discriminator", async () => {
    expect(await command.run("export", "legacy", "--format", "onnx", "--network", "discriminator")).not.toBe(0);
    expect(command.notes.at(-1)).toMatch(/an ONNX model contains the generator's EMA,/);
  });
});
