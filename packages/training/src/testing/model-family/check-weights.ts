import type { ModelFamily, ParamTree, WeightTransform } from "@ganymede/core";
import { GanymedeError, key, leaves } from "@ganymede/core";
import { demand, expectAllClose, fail } from "@ganymede/core/testing";
import type { NamedArray, NetworkWeights } from "@ganymede/core/weights";
import { readWeights, writeWeights } from "@ganymede/core/weights";
import type { ModelCase } from "./case.js";

const networks = ["generator", "discriminator"] as const;

const layoutOf = (tree: ParamTree) => leaves(tree).map(({ path, value }) => `${path} [${value.shape}]`);

const transformOf = (
  { model }: ModelCase,
  network: (typeof networks)[number],
): WeightTransform<ParamTree> | undefined =>
  network === "generator" ? model.generatorWeights : model.discriminatorWeights;

/** Checks that transformed weights and advanced vectors keep their leaves. */
export function checkTransforms(given: ModelCase): void {
  for (const network of networks) {
    const transform = transformOf(given, network);
    if (transform === undefined) continue;
    const params = given[network];
    const state = transform.init(params, key(5));
    for (const [what, before, after] of [
      ["apply", params, transform.apply(params, state)],
      ["advance", state, transform.advance(params, state)],
    ] as const) {
      const kept = layoutOf(after);
      const changed = layoutOf(before).find((leaf, at) => leaf !== kept[at]);
      demand(
        changed === undefined && kept.length === leaves(before).length,
        given.who,
        `${network}Weights.${what} must keep the leaves of its argument, but changes ${changed ?? "their number"}`,
      );
    }
  }
}

/** Names in the authors' files for this config; undefined if their code cannot express it. */
function namesFor<Config>(
  family: ModelFamily<Config>,
  config: Config,
  network: (typeof networks)[number],
): NetworkWeights | undefined {
  try {
    return family.weights?.[network](config);
  } catch (error) {
    if (GanymedeError.is(error) && error.code === "unsupported") return undefined;
    throw error;
  }
}

async function arraysOf(tree: ParamTree): Promise<Map<string, NamedArray>> {
  const entries = leaves(tree).map(async ({ path, value }) => {
    const data = (await value.data()) as Float32Array;
    return [path, { shape: value.shape, data }] as const;
  });
  return new Map(await Promise.all(entries));
}

const shapesOf = (arrays: ReadonlyMap<string, NamedArray>) =>
  new Map([...arrays].map(([path, { shape }]) => [path, shape] as const));

/** Checks that weights written with the authors' names are read back unchanged, every leaf. */
export async function checkNames<Config>(family: ModelFamily<Config>, config: Config, given: ModelCase): Promise<void> {
  for (const network of networks) {
    const rules = namesFor(family, config, network);
    if (rules === undefined) continue;
    const params = await arraysOf(given[network]);
    const vectors = await arraysOf(transformOf(given, network)?.init(given[network], key(5)) ?? {});
    const shapes = { params: shapesOf(params), vectors: shapesOf(vectors) };
    const who = `${given.who}: weights.${network}`;
    try {
      const read = readWeights(rules, writeWeights(rules, { params, vectors }), shapes, who);
      for (const [path, { data }] of read.params) {
        await expectAllClose(data, (params.get(path) as NamedArray).data, {}, `${who} of ${path}, written and read`);
      }
    } catch (error) {
      if (!GanymedeError.is(error) || error.code === "nonconforming") throw error;
      fail(who, `the rules must fit the network, but ${error.message}`);
    }
  }
}
