import { resolve } from "node:path";
import { GanymedeError } from "@ganymede/core";
import type { BackendOption } from "@ganymede/training";
import { encodePng, expectReplaceable, startBackend } from "@ganymede/training/node";
import { drawableOf } from "../attention-maps/attention-layers.js";
import type { Column, DrawnLayer } from "../attention-maps/attention-sheet.js";
import { attentionSheet, queryPlace, rowsOf } from "../attention-maps/attention-sheet.js";
import { openNetwork } from "../attention-maps/run-network.js";
import { loadRegistryFor } from "../config/registry.js";
import type { CommandContext } from "../context.js";
import { formatTable } from "../output/table.js";
import type { SharedOptions } from "./shared-options.js";

export interface AttendOptions extends SharedOptions, BackendOption {
  readonly network: "generator" | "discriminator";
  /** Number of a layer, from 1. Default: all that can be drawn. */
  readonly layer: number | undefined;
  /** Number of a head, from 1. Default: the mean, and each head if a layer is given. */
  readonly head: number | undefined;
  readonly query: readonly [row: number, column: number] | undefined;
  /** Only layers that attend to latents, as segments, one colour per latent. */
  readonly latents: boolean;
  readonly count: number;
  readonly seed: number;
  readonly list: boolean;
  readonly out: string;
}

/**
 * The layers that the options choose.
 *
 * @throws GanymedeError `invalid-argument` for a layer that does not exist, `unsupported` for one that cannot be drawn, or if there is none.
 */
function chooseLayers(layers: readonly DrawnLayer[], options: AttendOptions): readonly DrawnLayer[] {
  const { layer: wanted, network, latents } = options;
  if (wanted === undefined) {
    const drawable = layers.filter(({ drawable: { kind } }) => kind === "latents" || (kind === "map" && !latents));
    if (drawable.length > 0) return drawable;
    throw new GanymedeError(
      "unsupported",
      `attend: the ${network} must have attention over ${latents ? "latents" : "a map"}, but none of its ${layers.length} attention layers has; see --list`,
    );
  }
  const found = layers[wanted - 1];
  if (found === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      `--layer: it must be from 1 to ${layers.length}, the ${network}'s attention layers, got ${wanted}; see --list`,
    );
  }
  if (found.drawable.kind !== "other") return [found];
  throw new GanymedeError(
    "unsupported",
    `--layer: pixels must attend to pixels or to latents, but in layer ${wanted} they do not (${found.drawable.reason}); choose another, see --list`,
  );
}

function chooseColumns(layers: readonly DrawnLayer[], options: AttendOptions): Column[] {
  const { head, layer: wanted } = options;
  return chooseLayers(layers, options).flatMap((layer) => {
    if (head !== undefined && head > layer.heads) {
      throw new GanymedeError(
        "invalid-argument",
        `--head: it must be from 1 to ${layer.heads}, the heads of layer ${layer.number}, got ${head}; choose another`,
      );
    }
    const each = wanted !== undefined && head === undefined && layer.heads > 1;
    const heads = each ? [null, ...Array.from({ length: layer.heads }, (_, i) => i + 1)] : [head ?? null];
    return heads.map((which) => ({ layer, head: which }));
  });
}

/** `map of 8 x 8`, or why a layer cannot be drawn. */
function describe({ drawable }: DrawnLayer): string {
  if (drawable.kind === "other") return `not drawn: ${drawable.reason}`;
  const { side } = drawable.queries;
  if (drawable.kind === "latents") return `map of ${side} x ${side} attends to latents`;
  return `map of ${side} x ${side} attends to map of ${drawable.keys.side} x ${drawable.keys.side}`;
}

function listLayers(layers: readonly DrawnLayer[], { json }: AttendOptions, { terminal }: CommandContext): void {
  if (json) {
    for (const { drawable, ...layer } of layers) terminal.out(JSON.stringify({ ...layer, ...drawable }));
    return;
  }
  const rows = layers.map((layer) => [
    ...[layer.number, layer.path, layer.heads, layer.queries, layer.keys].map(String),
    describe(layer),
  ]);
  for (const line of formatTable(["layer", "path", "heads", "queries", "keys", "drawn as"], rows)) terminal.out(line);
}

/** Draws attention over images, or lists the layers with attention. */
export async function attendCommand(place: string, options: AttendOptions, context: CommandContext): Promise<number> {
  const { terminal, files, cwd } = context;
  const path = resolve(cwd, options.out);
  if (!options.list) await expectReplaceable([path]);
  const registry = await loadRegistryFor(place, context.builtIn, { ...options, cwd });
  await startBackend(registry, options, terminal);
  const network = await openNetwork(registry, resolve(cwd, place), options);
  try {
    const found = await network.run(() => []);
    const layers = found.layers.map(
      ({ rows: _, weights: __, ...layer }, index): DrawnLayer => ({
        ...layer,
        number: index + 1,
        drawable: drawableOf(layer),
      }),
    );
    if (options.list) {
      listLayers(layers, options, context);
      return 0;
    }
    const columns = chooseColumns(layers, options);
    const query = queryPlace(columns, options.query);
    const drawn = new Set(columns.map(({ layer }) => layer.number));
    const run = await network.run((_, index) =>
      drawn.has(index + 1) ? rowsOf(layers[index] as DrawnLayer, query) : [],
    );
    await files.writeAtomic(path, [await encodePng(attentionSheet({ ...run, columns, query }))]);
    const named = columns.map(({ layer, head }) => ({ layer: layer.number, head, drawn: describe(layer) }));
    terminal.note("Columns: the image");
    for (const { layer, head, drawn } of named) {
      terminal.note(`  layer ${layer}, ${head === null ? "mean over heads" : `head ${head}`}: ${drawn}`);
    }
    terminal.out(options.json ? JSON.stringify({ path, images: options.count, columns: named }) : path);
    return 0;
  } finally {
    network.dispose();
  }
}
