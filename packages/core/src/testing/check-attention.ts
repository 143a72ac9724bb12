import * as tf from "@tensorflow/tfjs-core";
import { withSettings } from "../component/component.js";
import type { AttentionPart, AttentionVariant } from "../contracts/attention.js";
import type { MixerPart, TokenMixer } from "../contracts/mixer.js";
import { inference } from "../nn/context.js";
import { normal } from "../random/draw.js";
import { fold, key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";
import { disposeTree, fillTree, leaves } from "../tree/tree.js";
import type { AttentionCase, AttentionInputs, AttentionSizes } from "./attention-case.js";
import { attentionCase } from "./attention-case.js";
import { checkContext, checkObservation, checkReach } from "./attention-rules.js";
import { checkGradients } from "./check-gradients.js";
import { expectAllClose } from "./expect-all-close.js";
import { expectNoLeaks } from "./expect-no-leaks.js";
import { demand } from "./fail.js";

/** Properties of a variant, and options of its check. */
export interface AttentionCheck extends AttentionSizes {
  /** False for a variant that uses positions, whose output does not follow a permutation of its tokens. Default: true. */
  readonly equivariant?: boolean;
  /** True for cross-attention with a mask: hidden tokens must not affect the output. Default: false. */
  readonly masks?: boolean;
  /** False for a variant with a fixed input size; a single token is then not tested. Default: true. */
  readonly anySize?: boolean;
  /** True for a variant that draws in training, such as dropout: another key must change the output; otherwise it must not. Default: false. */
  readonly draws?: boolean;
  /** False for a mixer without attention weights, which reports nothing to `context.observe`. Default: true. */
  readonly observes?: boolean;
  /** Highest order of derivatives to check; 0 for none on a slow engine. Default: 2. */
  readonly order?: 0 | 1 | 2;
  /** Largest step of the finite differences; less for a variant with kinks. Default: 0.05. */
  readonly step?: number;
  /** Relative tolerance of derivatives. Default: 2e-3. */
  readonly tolerance?: number;
}

const exact = { relative: 0, absolute: 0 };
const close = { relative: 1e-4, absolute: 1e-5 };

/** Perturbs every parameter, because a zero initial value would hide what depends on it. */
function moved(params: ParamTree): ParamTree {
  const values = leaves(params).map(({ value }, i) =>
    tf.add(value, normal(fold(key(6), i), value.shape as never, 0, 0.1)),
  );
  return fillTree(params, values);
}

async function checkDeterminism(tried: AttentionCase, params: ParamTree, y: tf.Tensor, who: string): Promise<void> {
  await expectAllClose(tried.apply(params, tried.inputs, inference), y, exact, `${who}: applied twice`);
  const again = leaves(tried.init());
  for (const [i, { value, path }] of leaves(params).entries()) {
    const same = (again[i] as (typeof again)[number]).value;
    await expectAllClose(same, value, exact, `${who}: ${path} initialised twice from one key`);
  }
}

async function checkExtremes(tried: AttentionCase, params: ParamTree, who: string, anySize: boolean): Promise<void> {
  const finite = async (inputs: AttentionInputs, what: string): Promise<void> => {
    const values = await tried.apply(params, inputs, inference).data();
    demand(values.every(Number.isFinite), who, `the output must be finite for ${what}`);
  };
  const { inputs } = tried;
  const changed = (change: (x: tf.Tensor) => tf.Tensor): AttentionInputs => ({
    x: change(inputs.x),
    memory: change(inputs.memory) as tf.Tensor3D,
  });
  await finite(inputs, "normal input");
  await finite(
    changed((x) => tf.mul(x, 1e4)),
    "inputs of size 1e4",
  );
  await finite(
    changed((x) => tf.fill(x.shape, 0.5)),
    "constant input",
  );
  await finite(
    changed((x) => tf.zeros(x.shape)),
    "zeros",
  );
  if (!anySize) return;
  const one = tf.slice(inputs.x, [0, 0, 0], [2, 1, inputs.x.shape[2] as number]);
  await finite({ ...inputs, x: one }, "one token");
}

/** Checks that masked tokens of the memory do not affect the output. */
async function checkMask(tried: AttentionCase, params: ParamTree, who: string): Promise<void> {
  const { x, memory } = tried.inputs;
  const [batch, count, width] = memory.shape;
  const mask = tf.tensor2d(
    Array.from({ length: batch * count }, (_, i) => (i % count === 1 ? 0 : 1)),
    [batch, count],
  );
  const other = tf.add(memory, tf.mul(tf.sub(1, tf.reshape(mask, [batch, count, 1])), 7)) as tf.Tensor3D;
  const masked = tried.apply(params, { x, memory }, inference, mask);
  const changed = tried.apply(params, { x, memory: other }, inference, mask);
  await expectAllClose(changed, masked, close, `${who}: masked tokens must not affect the output`);
  const open = await tried.apply(params, { x, memory }, inference, tf.ones([batch, count])).data();
  const hidden = await masked.data();
  demand(
    open.some((value, i) => Math.abs(value - (hidden[i] as number)) > 1e-6 * width),
    who,
    "the mask must hide something",
  );
}

/**
 * Checks an attention variant: it has the output shape of its role, depends only on its key and inputs, mixes tokens within an image but
 * not across the batch, accepts a complete context, draws only from its key, reports its weights to an observer, follows permutations,
 * respects masks, handles extreme logits, one token and constant input, leaks no tensor, and has correct derivatives. Runs on the current
 * engine.
 *
 * @param attention a variant, checked with its defaults, or a part with chosen settings: `performer({ features: 6 })`.
 * @throws GanymedeError `nonconforming` with the variant and the first rule that it violates.
 */
export async function checkAttention(
  attention: AttentionVariant | AttentionPart,
  options: AttentionCheck = {},
): Promise<void> {
  const variant: AttentionPart = "defaults" in attention ? withSettings(attention, {}, "checkAttention") : attention;
  const {
    equivariant = true,
    masks = false,
    draws = false,
    observes = true,
    anySize = options.grid === undefined && variant.role !== "map",
  } = options;
  const who = `attention "${variant.id}"`;
  const tried = attentionCase(variant, options);
  const { inputs, outputShape } = tried;
  const initial = tried.init();
  const y = tried.apply(initial, inputs, inference);
  const shape = outputShape.map((size, axis) => size ?? y.shape[axis]);
  demand(
    String(y.shape) === String(shape),
    who,
    `the output must have the shape [${shape.join(", ")}], got [${y.shape.join(", ")}]`,
  );
  await checkDeterminism(tried, initial, y, who);

  const params = moved(initial);
  if (equivariant) {
    const other = tried.permuted(inputs, tried.apply(params, inputs, inference));
    const follows = tried.apply(params, other.inputs, inference);
    await expectAllClose(follows, other.expected, close, `${who}: permuted tokens give permuted outputs`);
  }
  await checkContext(tried, params, draws, who);
  await checkReach(tried, variant.role, params, who);
  if (masks) await checkMask(tried, params, who);
  await checkExtremes(tried, params, who, anySize);
  if (observes) await checkObservation(tried, params, who);
  const tidied = () => {
    tf.tidy(() => {
      tried.apply(params, inputs, inference);
    });
  };
  await expectNoLeaks(tidied, who);
  await checkDerivatives(variant, options, tried, params, who);
  disposeTree({ initial, params, inputs, y });
}

/** `checkAttention` for a token mixer, which uses positions. */
export async function checkMixer(mixer: TokenMixer | MixerPart, options: AttentionCheck = {}): Promise<void> {
  const part: MixerPart = "defaults" in mixer ? withSettings(mixer, {}, "checkMixer") : mixer;
  await checkAttention(
    { ...part, role: "self" },
    { observes: false, equivariant: false, anySize: false, grid: [3, 3], ...options },
  );
}

async function checkDerivatives(
  variant: AttentionPart,
  { order = 2, step = 0.05, tolerance = 2e-3 }: AttentionCheck,
  { apply, inputs }: AttentionCase,
  params: ParamTree,
  who: string,
): Promise<void> {
  if (order === 0) return;
  const tree = variant.role === "cross" ? { params, ...inputs } : { params, x: inputs.x };
  const run = (values: { params: ParamTree; x: tf.Tensor; memory?: tf.Tensor3D }) =>
    apply(values.params, { x: values.x, memory: values.memory ?? inputs.memory }, inference);
  await checkGradients(run as (values: ParamTree) => tf.Tensor, tree, { order, step, tolerance, who });
}
