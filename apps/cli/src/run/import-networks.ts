import type { AdversarialModel, Key, ParamTree, WeightTransform } from "@ganymede/core";
import { compile, disposeTree, fold, GanymedeError, leaves, mapTree } from "@ganymede/core";
import type { NamedArray, NetworkWeights, ReferenceWeights } from "@ganymede/core/weights";
import { checkNames, checkShapes, leafRule, networkWeights, readWeights, vectorRule } from "@ganymede/core/weights";
import type { TrainState, TrainStep } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import type { FoundNetwork, NamedRules } from "./find-networks.js";
import { findNetworks } from "./find-networks.js";
import type { StoredArray } from "./read-weights-file.js";
import { readArrays } from "./read-weights-file.js";

const shapesOf = (tree: ParamTree) => new Map(leaves(tree).map(({ path, value }) => [path, value.shape]));

/** Aborts the creation of a network once its shapes are known. */
class ShapesKnown extends Error {}

/**
 * Shapes of the leaves of both networks. A compiling backend only traces their initialisation, which takes no time whatever the
 * size.
 */
async function modelShapes(model: AdversarialModel, key: Key) {
  const found: Readonly<Record<Network["side"], ReadonlyMap<string, readonly number[]>>>[] = [];
  const look = (at: Key): void => {
    found.push({
      generator: shapesOf(model.generator.init(at)),
      discriminator: shapesOf(model.discriminator.init(at)),
    });
  };
  const follow = compile((at: Key): ParamTree => {
    look(at);
    throw new ShapesKnown();
  });
  try {
    await follow(key);
  } catch (error) {
    // Some initial values depend on others that are read, such as a norm of the weights; those must be computed.
    const reads = GanymedeError.is(error) && error.code === "unsupported";
    if (!reads && !(error instanceof ShapesKnown)) throw error;
  }
  if (found.length === 0) tf.tidy(() => look(key));
  return found[0]!;
}

/** Tensors of a file, and the model that they are meant for. */
export interface WeightsFile<Config> {
  readonly model: AdversarialModel;
  /** By name. */
  readonly tensors: ReadonlyMap<string, StoredArray>;
  /** The authors' names and layouts. */
  readonly weights: ReferenceWeights<Config> | undefined;
  readonly config: Config;
  /** Key of the initial state. */
  readonly key: Key;
  /** Named in errors. */
  readonly who: string;
}

/**
 * Rejects a file of another model by names and shapes alone, because creating the state of a large model takes many seconds.
 *
 * @throws GanymedeError `invalid-checkpoint` like `importNetworks`.
 */
async function expectFit<Config>({ model, tensors, weights, config, key, who }: WeightsFile<Config>): Promise<void> {
  const shapes = await modelShapes(model, key);
  const named = (["generator", "discriminator"] as const).flatMap((side): NamedRules[] => {
    const authors = authorsRules(weights, side, config);
    const ours = networkWeights([...shapes[side].keys()].map((path) => leafRule(path, path)));
    return [
      ...(authors === null ? [] : [{ side, whose: "authors", rules: authors } as const]),
      { side, whose: "ours", rules: ours },
    ];
  });
  const { generator, average, discriminator } = findNetworks(tensors, named, weights?.places, who);
  for (const [side, found] of [
    ["generator", generator],
    ["generator", average],
    ["discriminator", discriminator],
  ] as const) {
    if (found !== null) checkShapes(found.rules, found.arrays, shapes[side], who);
  }
}

/** Initial parameters of a network, and its weight transform. */
interface Network {
  readonly side: "generator" | "discriminator";
  readonly params: ParamTree;
  readonly transform: WeightTransform<ParamTree> | undefined;
  readonly key: Key;
}

/** The initial state of the weight transform for some parameters; the caller disposes it. */
const beginVectors = ({ transform, key }: Network, params: ParamTree): ParamTree => transform?.init(params, key) ?? {};

/** The authors' names of a network, or null if their code cannot express its configuration. */
export function authorsRules<Config>(
  weights: ReferenceWeights<Config> | undefined,
  side: "generator" | "discriminator",
  config: Config,
): NetworkWeights | null {
  try {
    return weights?.[side](config) ?? null;
  } catch (error) {
    if (GanymedeError.is(error) && error.code === "unsupported") return null;
    throw error;
  }
}

/** The names that a network may have in a file: its authors', and ours with or without the state of the weight transform. */
function namesOf<Config>(
  network: Network,
  weights: ReferenceWeights<Config> | undefined,
  config: Config,
): readonly NamedRules[] {
  const { side, params } = network;
  const authors = authorsRules(weights, side, config);
  const plain = leaves(params).map(({ path }) => leafRule(path, path));
  const vectors = beginVectors(network, params);
  const more = leaves(vectors).map(({ path }) => vectorRule(path, path));
  disposeTree(vectors);
  const ours = more.length > 0 ? [[...plain, ...more], plain] : [plain];
  return [
    ...(authors === null ? [] : [{ side, whose: "authors", rules: authors } as const]),
    ...ours.map((rules) => ({ side, whose: "ours", rules: networkWeights(rules) }) as const),
  ];
}

function withArrays<Tree extends ParamTree>(tree: Tree, arrays: ReadonlyMap<string, NamedArray>): Tree {
  return mapTree(tree, (leaf, path) => {
    const array = arrays.get(path);
    return array === undefined ? tf.clone(leaf) : tf.tensor(array.data, [...array.shape], "float32");
  }) as unknown as Tree;
}

/** Reads a network from a file: its parameters, and the state of its weight transform, initialised if the file lacks it. */
async function readNetwork(
  { arrays, rules }: FoundNetwork<StoredArray>,
  network: Network,
  who: string,
): Promise<{ readonly params: ParamTree; readonly vectors: ParamTree }> {
  checkNames(rules, [...arrays.keys()], who);
  const given = await readArrays(arrays, new Set(rules.rules.flatMap(({ theirs }) => theirs)), who);
  const template = beginVectors(network, network.params);
  const shapes = { params: shapesOf(network.params), vectors: shapesOf(template) };
  disposeTree(template);
  const read = readWeights(rules, given, shapes, who);
  const params = withArrays(network.params, read.params);
  const begun = beginVectors(network, params);
  const vectors = withArrays(begun, read.vectors);
  disposeTree(begun);
  return { params, vectors };
}

/**
 * A new state with the networks of a file, and the names of those networks. Without an EMA in the file the generator itself replaces it;
 * with only an EMA, training continues from that.
 *
 * @throws GanymedeError `invalid-checkpoint` if the file belongs to another model.
 */
export async function importNetworks<Config>(
  train: TrainStep<ParamTree, ParamTree>,
  file: WeightsFile<Config>,
): Promise<{ readonly state: TrainState; readonly names: readonly string[] }> {
  await expectFit(file);
  const { model, tensors, weights, config, key, who } = file;
  const fresh = train.init(key);
  const network = (side: Network["side"]): Network => ({
    side,
    params: fresh[side],
    transform: side === "generator" ? model.generatorWeights : model.discriminatorWeights,
    key: fold(key, `${side}/vectors`),
  });
  const [generator, discriminator] = [network("generator"), network("discriminator")];
  try {
    const known = [generator, discriminator].flatMap((each) => namesOf(each, weights, config));
    const found = findNetworks(tensors, known, weights?.places, who);
    let state: TrainState = fresh;
    const trained = found.generator ?? found.average;
    if (trained !== null) {
      const own = await readNetwork(trained, generator, who);
      state = { ...state, generator: own.params, generatorWeightState: own.vectors };
      if (found.generator === null || found.average === null) {
        state = { ...state, average: withArrays(own.params, new Map()) };
      } else {
        const { params, vectors } = await readNetwork(found.average, generator, who);
        disposeTree(vectors);
        state = { ...state, average: params };
      }
    }
    if (found.discriminator !== null) {
      const own = await readNetwork(found.discriminator, discriminator, who);
      state = { ...state, discriminator: own.params, discriminatorWeightState: own.vectors };
    }
    return { state, names: Object.entries(found).flatMap(([name, each]) => (each === null ? [] : [name])) };
  } catch (error) {
    disposeTree(fresh);
    throw error;
  }
}
