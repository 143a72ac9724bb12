import { join } from "node:path";
import { inflateRawSync } from "node:zlib";
import { builtInPlugins } from "@ganymede/cli/testing";
import type { ParamTree } from "@ganymede/core";
import { createRegistry } from "@ganymede/core";
import { openSafetensors, openTorchFile } from "@ganymede/core/checkpoint";
import { fileSource } from "@ganymede/core/node";
import { openDataset } from "@ganymede/data";
import { data } from "@ganymede/data/node";
import { readNpz, slicedWasserstein } from "@ganymede/metrics";
import { createModel, createTrainStep, parseMetrics } from "@ganymede/training";
import { parseRunConfig } from "@ganymede/training/node";
import { type Format, formats } from "./seeds.js";

/** Reads a file as the framework does, down to its last value. */
export type Reader = (folder: string, bytes: Uint8Array) => Promise<void>;

async function images(folder: string): Promise<void> {
  const dataset = await openDataset(data().datasets ?? [], folder, { size: 8 });
  await dataset.read(Uint32Array.from({ length: Math.min(4, dataset.length) }, (_, i) => i));
}

async function torch(folder: string): Promise<void> {
  for (const tensor of (await openTorchFile(await fileSource(join(folder, formats["torch zip"])))).values()) {
    await tensor.read();
  }
}

const registry = createRegistry(await builtInPlugins());
const decoded = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export const readers: Readonly<Record<Format, Reader>> = {
  async safetensors(folder) {
    const { tensors } = await openSafetensors(await fileSource(join(folder, formats.safetensors)));
    for (const tensor of tensors.values()) await tensor.read();
  },
  "torch zip": torch,
  "torch legacy": torch,
  async npz(folder) {
    await readNpz(await fileSource(join(folder, formats.npz)), (bytes, size) =>
      inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) }),
    );
  },
  async statistics(_, bytes) {
    const metric = slicedWasserstein();
    const state = metric.load(bytes);
    await metric.finish(state, state);
  },
  idx: images,
  "idx.gz": images,
  "cifar-10": images,
  "cifar-100": images,
  png: images,
  jpeg: images,
  webp: images,
  gif: images,
  tiff: images,
  async "run configuration"(_, bytes) {
    const config = parseRunConfig(decoded(bytes), "config.json");
    const model = createModel(registry, config);
    createTrainStep<ParamTree, ParamTree>(model, config.training, registry);
  },
  async "metrics log"(_, bytes) {
    for (const { step } of parseMetrics(decoded(bytes))) step.toFixed();
  },
};
