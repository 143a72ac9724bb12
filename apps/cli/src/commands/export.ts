import { resolve } from "node:path";
import type { CheckpointEntry, ModelFamily, NamedArray, Registry } from "@ganymede/core";
import { GanymedeError, safetensorsChunks, writeWeights } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { selectBackend } from "../backends/select.js";
import { loadRegistry } from "../config/registry.js";
import { createModel } from "../config/run-config.js";
import type { CommandContext } from "../context.js";
import { openSampler } from "../run/open-sampler.js";
import { expectReplaceable, ownMark } from "../run/own-output.js";
import type { LoadedCheckpoint } from "../run/run-folder.js";
import { openCheckpoint } from "../run/run-folder.js";
import { weightsOf } from "./import.js";
import type { SharedOptions } from "./shared-options.js";

export interface ExportOptions extends SharedOptions {
  readonly format: "safetensors" | "onnx";
  /** Which network a safetensors file is to hold. */
  readonly network: "average" | "generator" | "discriminator";
  /** Whose names and layouts it is to have. */
  readonly names: "authors" | "ours";
  /** Images per run of an ONNX model. */
  readonly batch: number;
  readonly out: string | undefined;
}

/** Arrays under a prefix of a checkpoint, without it. */
function arraysUnder({ tensors }: LoadedCheckpoint, prefix: string): ReadonlyMap<string, NamedArray> {
  const found = [...tensors].filter(([name]) => name.startsWith(`${prefix}.`));
  return new Map(
    found.map(([name, { shape, data }]) => [name.slice(prefix.length + 1), { shape, data: Float32Array.from(data) }]),
  );
}

/** One network as a safetensors file, under our names or those of the authors' state dicts. */
function safetensorsOf(
  registry: Registry,
  checkpoint: LoadedCheckpoint,
  options: ExportOptions,
): readonly Uint8Array[] {
  const { network, names } = options;
  const { config } = checkpoint;
  const side = network === "discriminator" ? "discriminator" : "generator";
  const arrays = { params: arraysUnder(checkpoint, network), vectors: arraysUnder(checkpoint, `${side}Vectors`) };
  const family = registry.get("models", config.family) as unknown as ModelFamily;
  const named =
    names === "ours" ? arrays.params : writeWeights(weightsOf(family, "export")[side](config.model), arrays);
  const entries = [...named].map(
    ([name, { shape, data }]): CheckpointEntry => ({ name, shape: [...shape], dtype: "F32", data }),
  );
  return [...safetensorsChunks(entries, { family: config.family, preset: config.preset, network, writer: ownMark })];
}

/** The averaged generator as an ONNX model: z, and labels for a model with classes, to images in [-1, 1]. */
async function onnxOf(registry: Registry, place: string, batch: number): Promise<Uint8Array> {
  await selectBackend(registry.list("backends"), "onnx", () => undefined);
  const { exportModel } = await import("@ganymede/backend-onnx");
  const sampler = await openSampler(registry, place);
  const { latentSize, classes } = sampler.model;
  const z = tf.zeros([batch, latentSize]);
  const inputs = classes === undefined ? { z } : { z, labels: tf.zeros([batch], "int32") };
  try {
    return exportModel((given) => sampler.draw(given.z as tf.Tensor2D, (given.labels ?? null) as tf.Tensor1D | null), {
      inputs,
      outputs: ["images"],
    });
  } finally {
    sampler.dispose();
    tf.dispose(inputs);
  }
}

/** The field `producer_name` (2) of an ONNX model, of up to 127 letters; in protobuf, fields may follow in any order. */
function onnxProducer(name: string): Uint8Array {
  const letters = new TextEncoder().encode(name);
  return Uint8Array.of(0x12, letters.length, ...letters);
}

/** Writes the weights of a run for other programs. */
export async function exportCommand(place: string, options: ExportOptions, context: CommandContext): Promise<number> {
  const { terminal, files, cwd } = context;
  const registry = await loadRegistry(await context.builtIn(), { ...options, cwd });
  const from = resolve(cwd, place);
  const out = resolve(cwd, options.out ?? `generator.${options.format}`);
  await expectReplaceable([out]);
  if (options.format === "onnx") {
    if (options.network !== "average") {
      throw new GanymedeError(
        "unsupported",
        `export: an ONNX model is the averaged generator, got --network ${options.network}; leave it out, or export safetensors`,
      );
    }
    await files.writeAtomic(out, [await onnxOf(registry, from, options.batch), onnxProducer(ownMark)]);
  } else {
    const checkpoint = await openCheckpoint(from);
    createModel(registry, checkpoint.config);
    await files.writeAtomic(out, safetensorsOf(registry, checkpoint, options));
  }
  terminal.out(options.json ? JSON.stringify({ path: out, format: options.format }) : out);
  return 0;
}
