import { resolve } from "node:path";
import { GanymedeError } from "@ganymede/core";
import type { BackendOption } from "@ganymede/training";
import { encodePng, expectReplaceable, startBackend } from "@ganymede/training/node";
import type * as tf from "@tensorflow/tfjs-core";
import type { AttentionLayer } from "../attention-maps/attention-layers.js";
import { attentionLayers } from "../attention-maps/attention-layers.js";
import type { Column } from "../attention-maps/attention-sheet.js";
import { attentionSheet } from "../attention-maps/attention-sheet.js";
import type { NetworkRun } from "../attention-maps/run-network.js";
import { runNetwork } from "../attention-maps/run-network.js";
import { loadRegistryFor } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import { formatTable } from "../output/table.js";
import type { SharedOptions } from "./shared-options.js";

export interface AttendOptions extends SharedOptions, BackendOption {
  readonly network: "generator" | "discriminator";
  /** Number of a layer, from 1; all that can be drawn where undefined. */
  readonly layer: number | undefined;
  /** Number of a head, from 1; the mean, and each where a layer is given, where undefined. */
  readonly head: number | undefined;
  readonly query: readonly [row: number, column: number] | undefined;
  /** Layers with fewer keys than queries, as segments, one colour for each key. */
  readonly latents: boolean;
  readonly count: number;
  readonly seed: number;
  readonly list: boolean;
  readonly out: string;
}

const withoutWeights =
  "attention that never holds its weights (efficient, lsh, linear, performer) or holds them in windows cannot be drawn";

/**
 * The layers that the options name.
 *
 * @throws GanymedeError `invalid-argument` for a layer that is not there, `unsupported` for one that cannot be drawn, or none.
 */
function chooseLayers(layers: readonly AttentionLayer[], options: AttendOptions): readonly AttentionLayer[] {
  const { layer: wanted, network, latents } = options;
  if (wanted === undefined) {
    const drawable = layers.filter(({ drawable: { kind } }) => kind === "latents" || (kind === "map" && !latents));
    if (drawable.length > 0) return drawable;
    throw new GanymedeError(
      "unsupported",
      `attend: the ${network} must have attention weights over ${latents ? "latents" : "a map"}, but of its ${layers.length} layers none has; ${withoutWeights}, --list shows the layers`,
    );
  }
  const found = layers[wanted - 1];
  if (found === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      `--layer: it must be from 1 to ${layers.length}, the ${network}'s layers with attention weights, got ${wanted}; ${withoutWeights}`,
    );
  }
  if (found.drawable.kind !== "other") return [found];
  throw new GanymedeError(
    "unsupported",
    `--layer: pixels must attend to pixels or to latents, but in layer ${wanted} they do not (${found.drawable.reason}); choose another, --list shows them`,
  );
}

async function chooseColumns(run: NetworkRun, options: AttendOptions, layers: readonly AttentionLayer[]) {
  const { head, layer: wanted } = options;
  const columns: Column[] = [];
  for (const layer of chooseLayers(layers, options)) {
    if (head !== undefined && head > layer.heads) {
      throw new GanymedeError(
        "invalid-argument",
        `--head: layer ${layer.number} must have it, but has ${layer.heads}, got ${head}; choose another`,
      );
    }
    const weighed = { ...layer, weights: (await (run.weights[layer.number - 1] as tf.Tensor).data()) as Float32Array };
    const each = wanted !== undefined && head === undefined && layer.heads > 1;
    const heads = each ? [null, ...Array.from({ length: layer.heads }, (_, i) => i + 1)] : [head ?? null];
    columns.push(...heads.map((which) => ({ layer: weighed, head: which })));
  }
  return columns;
}

/** `map of 8 x 8`, or why a layer cannot be drawn. */
function describe({ drawable }: AttentionLayer): string {
  if (drawable.kind === "other") return `not drawn: ${drawable.reason}`;
  const { side } = drawable.queries;
  if (drawable.kind === "latents") return `map of ${side} x ${side} reads latents`;
  return `map of ${side} x ${side} reads map of ${drawable.keys.side} x ${drawable.keys.side}`;
}

function listLayers(layers: readonly AttentionLayer[], { json }: AttendOptions, { terminal }: CommandContext): void {
  if (json) {
    for (const { drawable, ...layer } of layers) terminal.out(JSON.stringify({ ...layer, ...drawable }));
    return;
  }
  const rows = layers.map((layer) => [
    ...[layer.number, layer.heads, layer.queries, layer.keys].map(String),
    describe(layer),
  ]);
  for (const line of formatTable(["layer", "heads", "queries", "keys", "drawn as"], rows)) terminal.out(line);
}

/** Draws what tokens attend to over the images, or lists the layers that do. */
export async function attendCommand(place: string, options: AttendOptions, context: CommandContext): Promise<number> {
  const { terminal, files, cwd } = context;
  const path = resolve(cwd, options.out);
  if (!options.list) await expectReplaceable([path]);
  const registry = await loadRegistryFor(place, await context.builtIn(), { ...options, cwd });
  await startBackend(registry, options, terminal);
  const run = await runNetwork(registry, resolve(cwd, place), options);
  try {
    const shapes = run.weights.map(({ shape }) => shape);
    const { components } = run;
    const layers = attentionLayers(shapes, { batch: options.count, components, latents: options.latents });
    if (options.list) {
      listLayers(layers, options, context);
      return 0;
    }
    const columns = await chooseColumns(run, options, layers);
    await files.writeAtomic(path, [await encodePng(attentionSheet({ ...run, columns, query: options.query }))]);
    const named = columns.map(({ layer, head }) => ({ layer: layer.number, head, drawn: describe(layer) }));
    terminal.note("Columns: the image");
    for (const { layer, head, drawn } of named) {
      terminal.note(`  layer ${layer}, ${head === null ? "mean over heads" : `head ${head}`}: ${drawn}`);
    }
    terminal.out(options.json ? JSON.stringify({ path, images: options.count, columns: named }) : path);
    return 0;
  } finally {
    for (const weights of run.weights) weights.dispose();
  }
}
