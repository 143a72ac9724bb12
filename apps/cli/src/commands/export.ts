import { resolve } from "node:path";
import type { ModelFamily, Registry } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";
import type { PendingEntry, StoredTensor } from "@ganymede/core/checkpoint";
import { streamSafetensors } from "@ganymede/core/checkpoint";
import type { NetworkWeights } from "@ganymede/core/weights";
import { writeWeights } from "@ganymede/core/weights";
import { createModel, selectBackend } from "@ganymede/training";
import type { LoadedCheckpoint } from "@ganymede/training/node";
import { expectReplaceable, openCheckpoint, openSampler, ownMark } from "@ganymede/training/node";
import * as tf from "@tensorflow/tfjs-core";
import { loadRegistryFor } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import { authorsRules } from "../run/import-networks.js";
import { readArrays } from "../run/read-weights-file.js";
import type { SharedOptions } from "./shared-options.js";

export interface ExportOptions extends SharedOptions {
  readonly format: "safetensors" | "onnx";
  /** The network to export as safetensors. */
  readonly network: "average" | "generator" | "discriminator";
  /** Names and layouts to use. Default: the authors' if they exist, else ours. */
  readonly names: "authors" | "ours" | undefined;
  /** Batch size of an ONNX model. */
  readonly batch: number;
  readonly out: string | undefined;
}

/** Tensors of a checkpoint under a prefix, without the prefix. */
function tensorsUnder({ tensors }: LoadedCheckpoint, prefix: string): ReadonlyMap<string, StoredTensor> {
  const found = [...tensors].filter(([name]) => name.startsWith(`${prefix}.`));
  return new Map(found.map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]));
}

/** The authors' names of the network, or null for ours. */
function rulesFor(family: ModelFamily, config: unknown, options: ExportOptions): NetworkWeights | null {
  if (options.names === "ours") return null;
  const side = options.network === "discriminator" ? "discriminator" : "generator";
  if (options.names === undefined) return authorsRules(family.weights, side, config);
  if (family.weights !== undefined) return family.weights[side](config);
  throw new GanymedeError(
    "unsupported",
    `export: the family must define the names in its authors' files, but "${family.id}" does not; use --names ours`,
  );
}

/** One network as a safetensors file, with our names or those of the authors' state dicts. */
async function* safetensorsOf(
  registry: Registry,
  checkpoint: LoadedCheckpoint,
  options: ExportOptions,
): AsyncGenerator<Uint8Array, void, void> {
  const { network } = options;
  const { config, path } = checkpoint;
  const side = network === "discriminator" ? "discriminator" : "generator";
  const params = tensorsUnder(checkpoint, network);
  const vectors = tensorsUnder(checkpoint, `${side}WeightState`);
  const rules = rulesFor(registry.get("models", config.family) as unknown as ModelFamily, config.model, options);
  const metadata = { family: config.family, preset: config.preset, network, writer: ownMark };
  if (rules === null) {
    // Names are unique: a vector is named below its weight.
    const tensors = new Map([...params, ...vectors]);
    const entries = [...tensors].map(
      ([name, { shape }]): PendingEntry => ({
        name,
        shape,
        dtype: "F32",
        read: async () => (await readArrays(tensors, [name], path)).get(name)?.data as Float32Array,
      }),
    );
    yield* streamSafetensors(entries, metadata);
    return;
  }
  const arrays = {
    params: await readArrays(params, params.keys(), path),
    vectors: await readArrays(vectors, vectors.keys(), path),
  };
  const named = [...writeWeights(rules, arrays)];
  yield* streamSafetensors(
    named.map(([name, { shape, data }]) => ({ name, shape, dtype: "F32", data })),
    metadata,
  );
}

/** The generator's EMA as an ONNX model: z, and labels for a model with classes, to images in [-1, 1]. */
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

/** The field `producer_name` (2) of an ONNX model, up to 127 letters; protobuf fields may be in any order. */
function onnxProducer(name: string): Uint8Array {
  const letters = new TextEncoder().encode(name);
  return Uint8Array.of(0x12, letters.length, ...letters);
}

/** Writes the weights of a run for other programs. */
export async function exportCommand(place: string, options: ExportOptions, context: CommandContext): Promise<number> {
  const { terminal, files, cwd } = context;
  const registry = await loadRegistryFor(place, context.builtIn, { ...options, cwd });
  const from = resolve(cwd, place);
  const out = resolve(cwd, options.out ?? `generator.${options.format}`);
  await expectReplaceable([out]);
  if (options.format === "onnx") {
    if (options.network !== "average") {
      throw new GanymedeError(
        "unsupported",
        `export: an ONNX model contains the generator's EMA, got --network ${options.network}; remove the option or export safetensors`,
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
