import { execFileSync } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import "@tensorflow/tfjs-backend-cpu";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { fieldsOf, recordsOf } from "../fixtures/event-reader.js";
import { linearPlugin, linearPreset, smallImages } from "../fixtures/linear-family.js";
import { train } from "../node/train.js";
import { train as trainInMemory } from "../run/train.js";
import { crc32c } from "./crc32c.js";
import { csv } from "./csv.js";
import { summaryEvent, versionEvent } from "./event-file.js";
import { histogramOf } from "./histogram.js";
import { tensorboard } from "./tensorboard.js";

let out = "";
beforeAll(async () => {
  await tf.setBackend("cpu");
});
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), "ganymede-loggers-"));
  out = join(folder, "run");
  return () => rm(folder, { recursive: true });
});

const asked = () => ({
  plugins: [linearPlugin()],
  data: smallImages(),
  out,
  every: { log: 1, sample: 2, checkpoint: 2 },
});
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("crc32c", () => {
  it("gives the values of RFC 3720", () => {
    expect(crc32c(new TextEncoder().encode("123456789"))).toBe(0xe3069283);
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(255))).toBe(0x62a8ab43);
  });
});

describe("event files", () => {
  it("have the bytes of the format", () => {
    // Length 24, its checksum, then wall_time = 1 and file_version, and their checksum.
    expect(hex(versionEvent(1))).toMatch(
      /^1800000000000000[0-9a-f]{8}09000000000000f03f1a0d627261696e2e4576656e743a32[0-9a-f]{8}$/,
    );
    const [record] = recordsOf(summaryEvent(2, 300, [{ tag: "loss/d", scalar: 0.5 }]));
    // step = 300 is ac 02; the summary is 15 bytes with one value of 13: its tag, and 0.5 as a float.
    expect(hex(record as Uint8Array)).toBe("09000000000000004010ac022a0f0a0d0a066c6f73732f64150000003f");
  });

  it("count values in buckets up to the largest", () => {
    const { min, max, count, sum, limits, counts } = histogramOf(Float32Array.of(0, 1, 1, 3, Number.NaN));
    expect([min, max, count, sum, limits.at(-1), counts.reduce((a, b) => a + b)]).toEqual([0, 3, 4, 5, 3, 4]);
    expect([counts[0], counts[10], counts.at(-1)]).toEqual([1, 2, 1]);
    expect(histogramOf(Float32Array.of(2, 2)).counts).toEqual([2]);
    expect(histogramOf(new Float32Array(0)).count).toBe(0);
  });
});

describe("tensorboard", () => {
  const run = async () => {
    const loggers = [tensorboard({ histograms: true })];
    (await train({ ...asked(), preset: linearPreset, steps: 3, loggers })).dispose();
    (await train({ ...asked(), resume: true, steps: 4, loggers })).dispose();
    return (await readdir(join(out, "tensorboard"))).sort();
  };

  it("writes a file for each session: scalars, grids, histograms, and from which step it counts", async () => {
    const names = await run();
    expect(names.length).toBe(2);
    const files = await Promise.all(names.map((name) => readFile(join(out, "tensorboard", name))));
    const [first, second] = files.map((bytes) => recordsOf(bytes).map(fieldsOf)) as [
      ReturnType<typeof fieldsOf>[],
      ReturnType<typeof fieldsOf>[],
    ];
    const stepOf = (event: ReturnType<typeof fieldsOf>) => event.find(({ at }) => at === 2)?.value;
    expect(second[1]?.find(({ at }) => at === 7)).toBeDefined();
    expect([stepOf(first[1]!), stepOf(second[1]!)]).toEqual([1, 4]);
    const tags = (event: ReturnType<typeof fieldsOf>) => {
      const summary = event.find(({ at }) => at === 5)?.value as Uint8Array | undefined;
      const values = summary === undefined ? [] : fieldsOf(summary).map(({ value }) => fieldsOf(value as Uint8Array));
      return values.map((value) => [new TextDecoder().decode(value[0]?.value as Uint8Array), value[1]?.at]);
    };
    const all = first.flatMap(tags);
    expect(all).toContainEqual(["loss/d", 2]);
    expect(all).toContainEqual(["samples", 4]);
    expect(all.some(([tag, at]) => String(tag).startsWith("generator.") && at === 5)).toBe(true);
  });

  it("is read by TensorBoard's own reader", async ({ skip }) => {
    const python = process.env.GANYMEDE_PYTHON;
    const code = `
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
a = EventAccumulator(sys.argv[1], size_guidance={"scalars": 0, "images": 0, "histograms": 0}); a.Reload()
h = a.Histograms(a.Tags()["histograms"][0])[0].histogram_value
print(json.dumps({"scalars": [(e.step, e.value) for e in a.Scalars("loss/d")], "image": [a.Images("samples")[0].width, len(a.Images("samples")[0].encoded_image_string)], "num": h.num, "histograms": len(a.Tags()["histograms"])}))`;
    try {
      if (python === undefined) throw new Error("GANYMEDE_PYTHON is not set");
      execFileSync(python, ["-c", "import tensorboard"], { stdio: "ignore" });
    } catch {
      skip("GANYMEDE_PYTHON names no Python that can import tensorboard");
    }
    await run();
    const said = execFileSync(python as string, ["-c", code, join(out, "tensorboard")], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
    const read = JSON.parse(said.trim().split("\n").at(-1) as string);
    const lines = (await readFile(join(out, "metrics.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(read.scalars).toEqual(lines.map((line) => [line.step, Math.fround(line["loss/d"])]));
    expect(read.image[0]).toBe(32);
    expect([read.num > 0, read.histograms]).toEqual([true, 4]);
  });
});

describe("csv", () => {
  const parsed = async () =>
    (await readFile(join(out, "metrics.csv"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => line.split(","));

  it("has a row per line of the log, and goes on where the run does", async () => {
    const loggers = ["csv"];
    const [first] = [await train({ ...asked(), preset: linearPreset, steps: 3, loggers })];
    first.dispose();
    const run = await train({ ...asked(), resume: true, steps: 5, loggers });
    run.dispose();
    const [head, ...rows] = await parsed();
    expect(rows.map(([step]) => step)).toEqual(["1", "2", "3", "4", "5"]);
    const column = head?.indexOf("loss/d") as number;
    expect(rows.map((row) => Number(row[column]))).toEqual(run.history.map((line) => line["loss/d"]));
  });

  it("makes room for numbers that come later, quotes names, and forgets steps that are taken again", async () => {
    const files = new Map<string, string>();
    const text = (content: Uint8Array | string) =>
      typeof content === "string" ? content : new TextDecoder().decode(content);
    const disk = {
      read: async (name: string) => (files.has(name) ? new TextEncoder().encode(files.get(name)) : null),
      append: async (name: string, content: Uint8Array | string) =>
        void files.set(name, (files.get(name) ?? "") + text(content)),
      replace: async (name: string, content: Uint8Array | string) => void files.set(name, text(content)),
    };
    const logger = csv().create({ files: disk, firstStep: 0, name: "run", note: () => undefined });
    await logger.scalars(1, { a: 1 });
    await logger.scalars(2, { 'b,"': 2, a: 3 });
    expect(files.get("metrics.csv")).toBe('step,a,"b,"""\n1,1,\n2,3,2\n');
    await disk.append("metrics.csv", "3,4");
    await csv()
      .create({ files: disk, firstStep: 1, name: "run", note: () => undefined })
      .scalars(2, { a: 5, c: 6 });
    expect(files.get("metrics.csv")).toBe('step,a,"b,""",c\n1,1,,\n2,5,,6\n');
    expect(() => csv().create({ files: null, firstStep: 0, name: "run", note: () => undefined })).toThrow(
      /csv: the run must have a folder/,
    );
  });
});

describe("loggers and callbacks of plugins", () => {
  it("are named with their settings, and refused where there are none", async () => {
    const told: unknown[] = [];
    const plugin = definePlugin({
      apiVersion: 1,
      name: "ganymede-plugin-told",
      loggers: [
        {
          id: "told",
          source: "none",
          defaults: { as: "x" },
          create: ({ as }: { readonly as: string }): Logger => ({ scalars: (step) => void told.push([as, step]) }),
        },
      ],
      callbacks: [
        {
          id: "at-end",
          source: "none",
          defaults: {},
          create: () => ({ onEnd: (step: number) => void told.push(["end", step]) }),
        },
      ],
    });
    const asking = { preset: linearPreset, plugins: [linearPlugin(), plugin], data: smallImages(), steps: 1 };
    (await trainInMemory({ ...asking, loggers: ["told", { id: "told", as: "y" }], callbacks: ["at-end"] })).dispose();
    expect(told).toEqual([
      ["x", 1],
      ["y", 1],
      ["end", 1],
    ]);
    const before = tf.memory().numTensors;
    await expect(trainInMemory({ ...asking, loggers: ["tolt"] })).rejects.toThrow(
      /no logger "tolt"; did you mean "told"/,
    );
    await expect(trainInMemory({ ...asking, loggers: [{ id: "told", at: 1 }] })).rejects.toThrow(/no setting "at"/);
    await expect(trainInMemory({ ...asking, callbacks: ["x"] })).rejects.toThrow(/no callback "x"/);
    expect(tf.memory().numTensors).toBe(before);
  });
});
