import type {
  AdversarialModel,
  Key,
  NamedArray,
  NetworkArrays,
  NetworkWeights,
  ParamTree,
  ReferenceWeights,
  WeightTransform,
} from "@ganymede/core";
import { disposeTree, fold, GanymedeError, leaves, mapTree, readWeights } from "@ganymede/core";
import type { TrainState, TrainStep } from "@ganymede/training";
import * as tf from "@tensorflow/tfjs-core";
import { arraysAt, unwrapped } from "./read-weights-file.js";

type Arrays = ReadonlyMap<string, NamedArray>;

/** What a file holds of a model. */
export interface FoundNetworks {
  readonly generator: Arrays | null;
  readonly average: Arrays | null;
  readonly discriminator: Arrays | null;
}

function fits({ rules }: NetworkWeights, tensors: Arrays): boolean {
  return rules.some(({ theirs }) => theirs.some((name) => tensors.has(name)));
}

/**
 * The networks in a file: a checkpoint of several, or the state dict of one, bare or as `state_dict` beside a step and an optimizer.
 *
 * @throws GanymedeError `invalid-checkpoint` when the file holds none.
 */
export function findNetworks<Config>(
  tensors: Arrays,
  { places, ...weights }: ReferenceWeights<Config>,
  config: Config,
  who: string,
): FoundNetworks {
  const found = {
    generator: arraysAt(tensors, places.generator),
    average: arraysAt(tensors, places.average),
    discriminator: arraysAt(tensors, places.discriminator),
  };
  if (Object.values(found).some((arrays) => arrays !== null)) return found;
  const one = arraysAt(tensors, ["state_dict"]) ?? unwrapped(tensors);
  if (fits(weights.generator(config), one)) return { ...found, generator: one };
  if (fits(weights.discriminator(config), one)) return { ...found, discriminator: one };
  throw new GanymedeError(
    "invalid-checkpoint",
    `${who}: the file must hold weights of this family, got other names, as "${[...tensors.keys()][0] ?? "none"}"; name the family that it is of`,
  );
}

const shapesOf = (tree: ParamTree) => new Map(leaves(tree).map(({ path, value }) => [path, value.shape]));

function withArrays<Tree extends ParamTree>(tree: Tree, arrays: Arrays): Tree {
  return mapTree(tree, (leaf, path) => {
    const array = arrays.get(path);
    return array === undefined ? tf.clone(leaf) : tf.tensor(array.data, [...array.shape], "float32");
  }) as unknown as Tree;
}

/** A network from a file: its parameters, and the state of its weight transform, begun anew where the file does not keep it. */
function readNetwork(
  rules: NetworkWeights,
  arrays: Arrays,
  params: ParamTree,
  transform: WeightTransform<ParamTree> | undefined,
  key: Key,
  who: string,
): { readonly params: ParamTree; readonly vectors: ParamTree } {
  const template = transform?.init(params, key) ?? {};
  const read: NetworkArrays = readWeights(
    rules,
    arrays,
    { params: shapesOf(params), vectors: shapesOf(template) },
    who,
  );
  disposeTree(template);
  const next = withArrays(params, read.params);
  const begun = transform?.init(next, key) ?? {};
  const vectors = withArrays(begun, read.vectors);
  disposeTree(begun);
  return { params: next, vectors };
}

/**
 * A fresh state with the networks of a file in place of its own. Where the file has no averaged generator the generator itself stands
 * for it; where it has only the averaged one, that one is trained on.
 */
export function importNetworks<Config>(
  train: TrainStep<ParamTree, ParamTree>,
  model: AdversarialModel,
  found: FoundNetworks,
  weights: ReferenceWeights<Config>,
  config: Config,
  key: Key,
  who: string,
): TrainState {
  const fresh = train.init(key);
  let state: TrainState = fresh;
  const generator = found.generator ?? found.average;
  if (generator !== null) {
    const rules = weights.generator(config);
    const from = (arrays: Arrays) =>
      readNetwork(rules, arrays, fresh.generator, model.generatorWeights, fold(key, "generator/vectors"), who);
    const own = from(generator);
    const average = from(found.average ?? generator);
    disposeTree(average.vectors);
    state = { ...state, generator: own.params, generatorVectors: own.vectors, average: average.params };
  }
  if (found.discriminator !== null) {
    const rules = weights.discriminator(config);
    const at = fold(key, "discriminator/vectors");
    const own = readNetwork(rules, found.discriminator, fresh.discriminator, model.discriminatorWeights, at, who);
    state = { ...state, discriminator: own.params, discriminatorVectors: own.vectors };
  }
  return state;
}
