import type {
  AdversarialModel,
  Capability,
  DiscriminatorTermComponent,
  GeneratorTermComponent,
  ParamTree,
  ScheduleComponent,
  TermInputs,
} from "@ganymede/core";
import {
  createRegistry,
  defineComponent,
  definePlugin,
  differentiate,
  fillTree,
  fold,
  key,
  leaves,
  normal,
} from "@ganymede/core";
import type { Settings } from "@ganymede/core/testing";
import {
  calmly,
  checkGradients,
  conformingPart,
  demand,
  expectAllClose,
  expectNoLeaks,
  purely,
} from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "../objective/capabilities.js";
import { trainingPlugin } from "../plugin.js";
import { trained, withTrained } from "../statistics.js";
import { discriminatorGradients } from "../step/discriminator-objective.js";
import { generatorGradients } from "../step/generator-objective.js";
import { phaseOf } from "../step/pass.js";
import type { NamedTerm, StepParts } from "../step/resolve-training.js";
import { isCapability } from "../step/resolve-training.js";
import type { NetworkName, TrainState } from "../step/train-state.js";
import { createTrainStep } from "../step/train-step.js";
import { expectSame, outlineOf } from "./check-optimizer.js";
import { progressAt } from "./check-schedule.js";
import { right } from "./probe-model.js";

/** Model, settings and accuracy of a term's check. */
export interface TermCheck {
  /** Default: the component's defaults. */
  readonly settings?: Settings;
  /** Model to check the term on; smooth, because derivatives are compared with finite differences. Default: one with every capability of this package. */
  readonly model?: AdversarialModel;
  /** Schedules that its settings may name, in addition to those of this package. Default: none. */
  readonly schedules?: readonly ScheduleComponent[];
  /** Highest order of derivatives that is compared with finite differences. Default: 2. */
  readonly order?: 1 | 2;
}

type Component = DiscriminatorTermComponent | GeneratorTermComponent;

/** A loss that reaches every parameter but is small compared with the term. */
const faint = defineComponent({
  id: "faint",
  source: "none",
  defaults: {},
  create: (_, __: object) => ({
    discriminator: (real: tf.Tensor, fake: tf.Tensor) =>
      tf.mul(tf.add(tf.mean(tf.softplus(tf.neg(real))), tf.mean(tf.softplus(fake))), 0.01) as tf.Scalar,
    generator: (fake: tf.Tensor, _real?: tf.Tensor, weights?: tf.Tensor) => {
      const each = tf.softplus(tf.neg(fake));
      const sum = weights === undefined ? tf.mean(each) : tf.div(tf.sum(tf.mul(each, weights)), tf.sum(weights));
      return tf.mul(sum, 0.01) as tf.Scalar;
    },
  }),
});

const batch = 4;
const rate = { id: "adam", learningRate: 0.001 };

/** The term in its own training step, and the capabilities of the model that it reads. */
function termCase(component: Component, network: NetworkName, check: TermCheck, who: string) {
  const { settings = {}, schedules = [], model = right as unknown as AdversarialModel } = check;
  const reads = new Set<string>();
  const watched = new Proxy(model, {
    get(target, name, self) {
      if (typeof name === "string" && name in target) reads.add(name);
      return Reflect.get(target, name, self);
    },
  });
  conformingPart<Component>(component, settings, who);
  const watching = {
    ...component,
    create: (given: never, inputs: TermInputs) => component.create(given, { ...inputs, model: watched }),
  };
  const kind = network === "discriminator" ? "discriminatorTerms" : "generatorTerms";
  const known = trainingPlugin();
  const registry = createRegistry([
    definePlugin({
      apiVersion: 1,
      name: "check",
      losses: [faint],
      [kind]: [watching],
      schedules: [...(known.schedules ?? []), ...schedules],
      optimizers: known.optimizers ?? [],
    }),
  ]);
  const training = {
    batch,
    optimizer: { generator: rate, discriminator: rate },
    loss: "faint",
    [kind]: [{ id: component.id, ...settings }],
    ema: { halfLifeImages: 1000, rampUp: 0, startImages: 0 },
  };
  const step = createTrainStep(model, training, registry);
  const [named] = step.parts[kind] as readonly NamedTerm<(typeof step.parts.discriminatorTerms)[0]["term"]>[];
  return { step, term: (named as NamedTerm<(typeof step.parts.discriminatorTerms)[0]["term"]>).term, reads };
}

/** Every capability that the term reads must be declared in its needs. */
function checkNeeds(
  model: AdversarialModel,
  reads: ReadonlySet<string>,
  needs: readonly Capability[],
  who: string,
): void {
  const undeclared = [...reads].find(
    (name) => name in model && isCapability(name) && !needs.includes(name as Capability),
  );
  demand(
    undeclared === undefined,
    who,
    `it reads the capability "${undeclared}" of the model, so its needs must name it`,
  );
}

async function checkTerm(component: Component, network: NetworkName, check: TermCheck): Promise<void> {
  const who = `${network} term "${component.id}"`;
  const { step, term, reads } = await calmly(() => termCase(component, network, check, who), who, "create");
  const parts = step.parts as unknown as StepParts<ParamTree, ParamTree>;
  const { model } = parts;
  demand(
    Number.isInteger(term.every) && term.every > 0,
    who,
    `every must be a whole number of steps, got ${term.every}`,
  );
  const state = step.init(key(1)) as TrainState;
  const images = normal<tf.Rank.R4>(key(2), [batch, ...model.imageShape], 0, 0.5);
  const labels = tf.tensor1d(
    Array.from({ length: batch }, (_, i) => i % (model.classes ?? 1)),
    "int32",
  );
  const real = model.classes === undefined ? { images } : { images, labels };
  const named = network === "discriminator" ? parts.discriminatorTerms : parts.generatorTerms;
  const phase = phaseOf(named, 0);
  const gradients = (from: TrainState, at = key(3)) =>
    purely(
      () =>
        network === "discriminator"
          ? discriminatorGradients(parts, from, real, at, phase)
          : generatorGradients(parts, from, parts.generatorSeesReal ? real : null, at, phase),
      who,
    );

  const part = await calmly(() => gradients(state), who, "apply");
  for (const [name, value] of Object.entries(part.report)) {
    demand(value.rank === 0, who, `${name} must be a scalar, got shape [${value.shape}]`);
    demand(Number.isFinite((await value.data())[0]), who, `${name} must be finite`);
  }
  checkNeeds(model, reads, term.needs, who);

  const again = gradients(state);
  await expectSame(again.grads, part.grads, `${who}: one key must give the same gradients`);
  const memories = network === "discriminator" ? "discriminatorTerms" : "generatorTerms";
  const memory = state[memories][component.id];
  const next = part.memories[component.id];
  demand(
    (memory === undefined) === (next === undefined),
    who,
    "a term must return its next memory if and only if it has init",
  );
  let later = state;
  if (memory !== undefined && next !== undefined) {
    const outline = outlineOf(memory);
    const kept = outlineOf(next) === outline;
    demand(kept, who, `apply must keep the leaves of the memory ${outline}, got ${outlineOf(next)}`);
    await expectSame(again.memories[component.id] ?? {}, next, `${who}: one key must give the same memory`);
    const finished = term.finish === undefined ? next : purely(() => term.finish?.(next, progressAt(1)) ?? {}, who);
    const stays = outlineOf(finished) === outline;
    demand(stays, who, `finish must keep the leaves of the memory ${outline}, got ${outlineOf(finished)}`);
    // Some terms do nothing before they have a memory.
    later = { ...state, [memories]: { [component.id]: finished } };
  }
  await expectNoLeaks(() => {
    tf.tidy(() => void gradients(state));
  }, who);
  await checkSlopes(later, network, gradients, check.order ?? 2, who);
}

/** Compares derivatives of the objective along random directions of the parameters, one per leaf. */
async function checkSlopes(
  state: TrainState,
  network: NetworkName,
  gradients: (from: TrainState) => { readonly grads: ParamTree; readonly report: Readonly<Record<string, tf.Scalar>> },
  order: 1 | 2,
  who: string,
): Promise<void> {
  const params = trained(state[network]);
  const directions = leaves(params).map(({ value }, i) => normal(fold(key(5), i), value.shape));
  const moved = (along: tf.Tensor1D): TrainState => {
    const values = leaves(params).map(({ value }, i) =>
      tf.add(value, tf.mul(directions[i] as tf.Tensor, tf.reshape(tf.slice1d(along, i, 1), []))),
    );
    return { ...state, [network]: withTrained(state[network], fillTree(params, values)) };
  };
  const name = network === "discriminator" ? "loss/d" : "loss/g";
  const objective = (along: tf.Tensor1D) => gradients(moved(along)).report[name] as tf.Scalar;
  const none = tf.zeros<tf.Rank.R1>([directions.length]);
  await checkGradients(objective, none, { order, who: `${who}: the objective` });
  // The gradients that training uses are computed separately.
  const analytic = leaves(gradients(state).grads).map(({ value }, i) =>
    tf.sum(tf.mul(value, directions[i] as tf.Tensor)),
  );
  const { gradient } = differentiate(objective, none);
  await expectAllClose(
    tf.stack(analytic),
    gradient,
    { relative: 1e-3, absolute: 1e-5 },
    `${who}: gradients of the step`,
  );
}

/**
 * Checks a term of the discriminator's objective inside a training step: it returns a finite scalar and finite reports, with first and second
 * derivatives that agree with finite differences; it depends on its pass alone, so that one key gives the same; it keeps the leaves of its
 * memory, declares the capabilities, gradients and answers that it reads, reads no value, draws from keys and leaks no tensor.
 *
 * @throws GanymedeError `nonconforming` with the term and the first rule that it violates; `invalid-argument` for an undeclared gradient or
 *   answer.
 */
export function checkDiscriminatorTerm(component: DiscriminatorTermComponent, check: TermCheck = {}): Promise<void> {
  return checkTerm(component, "discriminator", check);
}

/** Checks a term of the generator's objective in the same way; it gets real images only if it declares that it reads them. */
export function checkGeneratorTerm(component: GeneratorTermComponent, check: TermCheck = {}): Promise<void> {
  return checkTerm(component, "generator", check);
}
