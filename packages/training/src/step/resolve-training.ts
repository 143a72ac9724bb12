import type {
  AdversarialLoss,
  AdversarialModel,
  Augmentation,
  Capability,
  DiscriminatorTerm,
  GeneratorTerm,
  Optimizer,
  ParamTree,
  Registry,
  Schedule,
  TermInputs,
  TrainingConfig,
  WeightTransform,
} from "@ganymede/core";
import { createRegistry, GanymedeError, resolveRef } from "@ganymede/core";
import { real } from "@ganymede/core/config";
import { scheduleResolver } from "../optim/create-schedule.js";
import { trainingPlugin } from "../plugin.js";
import type { CompleteTraining, RefRecord } from "../training-config.js";
import { checkTraining, completeTraining } from "../training-config.js";
import type { NetworkName } from "./train-state.js";

/** Registry of the parts that a training config can name. */
export type TrainingComponents = Pick<Registry, "list">;

/** A term with the id that the config uses. */
export interface NamedTerm<Term> {
  readonly id: string;
  readonly term: Term;
}

/** Everything that a step needs: a training config with its resolved parts. */
export interface StepParts<Generator extends ParamTree, Discriminator extends ParamTree> {
  readonly model: AdversarialModel<Generator, Discriminator>;
  readonly training: CompleteTraining;
  readonly loss: AdversarialLoss;
  readonly discriminatorTerms: readonly NamedTerm<DiscriminatorTerm>[];
  readonly generatorTerms: readonly NamedTerm<GeneratorTerm>[];
  readonly augmentation: Augmentation | null;
  readonly optimizers: Readonly<Record<NetworkName, Optimizer>>;
  readonly halfLifeImages: Schedule;
  readonly generatorWeights: WeightTransform<Generator>;
  readonly discriminatorWeights: WeightTransform<Discriminator>;
  /** True if the generator's update reads real images. */
  readonly generatorSeesReal: boolean;
}

/** The identity transform. */
function unchanged<Params extends ParamTree>(): WeightTransform<Params> {
  return { init: () => ({}), apply: (params) => params, advance: () => ({}) };
}

function demand(holds: boolean, rule: string): void {
  if (!holds) throw new GanymedeError("unsupported", `training: ${rule}`);
}

/** Members of a model that are not capabilities. */
const ownMembers: readonly string[] = [
  "latentSize",
  "imageShape",
  "classes",
  "generator",
  "discriminator",
  "discriminatorComparesImages",
  "generatorWeights",
  "discriminatorWeights",
] satisfies readonly Exclude<keyof AdversarialModel, Capability>[];

/** Whether a member of a model is a capability. */
export const isCapability = (name: string): boolean => !ownMembers.includes(name);

function offeredBy(model: AdversarialModel): readonly string[] {
  const present = Object.entries(model).filter(([name, value]) => value !== undefined && isCapability(name));
  return present.map(([name]) => name);
}

type AnyTerm = DiscriminatorTerm | GeneratorTerm;

function checkTerms(name: string, terms: readonly NamedTerm<AnyTerm>[], model: AdversarialModel): void {
  const ids = terms.map(({ id }) => id);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  demand(twice === undefined, `${name} must name each term once, got "${twice}" twice; remove one`);
  const offered = offeredBy(model);
  for (const { id, term } of terms) {
    const missing = term.needs.find((capability) => !offered.includes(capability));
    const abilities = offered.length === 0 ? "no capabilities" : offered.join(", ");
    demand(
      missing === undefined,
      `the term "${id}" of ${name} needs a model with the capability "${missing}", but this one has ${abilities}; remove the term or choose another model`,
    );
  }
  const answers = new Set(terms.flatMap(({ term }) => term.answers ?? []));
  demand(answers.size < 2, `logits of ${name} must come from only one capability, got ${[...answers].join(" and ")}`);
}

/** Resolves a config's terms and checks them against the model. */
function termsOf<Component extends Parameters<typeof resolveRef>[0][number], Term extends AnyTerm>(
  components: readonly Component[],
  refs: readonly RefRecord[],
  name: "discriminatorTerms" | "generatorTerms",
  inputs: Omit<TermInputs, "where">,
): readonly NamedTerm<Term>[] {
  const terms = refs.map((ref, index): NamedTerm<Term> => {
    const where = `training.${name}[${index}]`;
    const part = resolveRef(components, ref, "term", where) as { create(inputs: TermInputs): Term };
    return { id: ref.id, term: part.create({ ...inputs, where: `${where}: ${ref.id}` }) };
  });
  checkTerms(name, terms, inputs.model);
  return terms;
}

/**
 * Resolves and checks a training config against its model.
 *
 * @param components registry of named parts. Default: those of this package.
 * @throws GanymedeError `invalid-config` for a setting out of range, `unknown-name` for an unknown part, `unsupported` for a part that the
 *   model does not support.
 */
export function resolveTraining<Generator extends ParamTree, Discriminator extends ParamTree>(
  model: AdversarialModel<Generator, Discriminator>,
  config: TrainingConfig,
  components: TrainingComponents = createRegistry([trainingPlugin()]),
): StepParts<Generator, Discriminator> {
  const training = completeTraining(checkTraining(config));
  const { batch, generatorBatch } = training;
  const schedule = scheduleResolver(components.list("schedules"));
  const part = <Kind extends "losses" | "augmentations" | "optimizers">(
    kind: Kind,
    ref: RefRecord,
    what: string,
    where: string,
  ) => resolveRef(components.list(kind), ref, what, `training.${where}`);
  const loss = part("losses", training.loss, "loss", "loss").create({}) as AdversarialLoss;
  const inputs = {
    model: model as unknown as AdversarialModel,
    loss,
    schedule,
    imagesPerUpdate: batch * training.accumulation,
  };
  const optimizer = (network: NetworkName) =>
    part("optimizers", training.optimizer[network], "optimizer", `optimizer.${network}`).create({
      schedule,
    }) as Optimizer;
  const where = `training.augmentation: ${training.augmentation?.id}`;
  const augmentation =
    training.augmentation === null
      ? null
      : (part("augmentations", training.augmentation, "augmentation", "augmentation").create({
          ...inputs,
          where,
        }) as Augmentation);
  const generatorTerms = termsOf<never, GeneratorTerm>(
    components.list("generatorTerms") as readonly never[],
    training.generatorTerms,
    "generatorTerms",
    inputs,
  );
  const paired = loss.generatorSeesReal === true || training.fakeLabels === "real";
  demand(
    !paired || generatorBatch === null || generatorBatch === batch,
    `real and generated images are compared in pairs, so generatorBatch must equal batch, got ${generatorBatch} and ${batch}; set it to null`,
  );
  return {
    model,
    training,
    loss,
    discriminatorTerms: termsOf<never, DiscriminatorTerm>(
      components.list("discriminatorTerms") as readonly never[],
      training.discriminatorTerms,
      "discriminatorTerms",
      inputs,
    ),
    generatorTerms,
    augmentation,
    optimizers: { generator: optimizer("generator"), discriminator: optimizer("discriminator") },
    halfLifeImages: schedule(training.ema.halfLifeImages, "training: ema.halfLifeImages", real({ least: 0 })),
    generatorWeights: model.generatorWeights ?? unchanged(),
    discriminatorWeights: model.discriminatorWeights ?? unchanged(),
    generatorSeesReal:
      paired || training.generatorReal === "own" || generatorTerms.some(({ term }) => term.readsReal === true),
  };
}
