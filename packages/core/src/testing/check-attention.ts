import * as tf from "@tensorflow/tfjs-core";
import type { AttentionVariant } from "../contracts/attention.js";
import type { Layer } from "../contracts/layer.js";
import { permutation } from "../random/bits.js";
import { normal } from "../random/draw.js";
import { fold, key } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";
import { disposeTree } from "../tree/tree.js";
import { checkGradients } from "./check-gradients.js";
import { expectAllClose } from "./expect-all-close.js";
import { expectNoLeaks } from "./expect-no-leaks.js";
import { demand } from "./fail.js";

export interface AttentionCheck {
  readonly channels?: number;
  readonly heads?: number;
  readonly tokens?: number;
  /** False for a variant that knows positions, whose output does not follow a permutation of its tokens. */
  readonly equivariant?: boolean;
  /** Highest order of derivatives to check; 2 where left out. */
  readonly order?: 1 | 2;
}

type Apply = (params: ParamTree, x: tf.Tensor3D, memory: tf.Tensor3D) => tf.Tensor3D;

/** One call for both roles; self-attention ignores the memory. */
function applyOf(variant: AttentionVariant, layer: Layer<ParamTree, never, tf.Tensor3D>): Apply {
  return (params, x, memory) => layer.apply(params, (variant.role === "self" ? x : { x, memory }) as never);
}

async function finite(y: tf.Tensor, who: string, what: string): Promise<void> {
  const values = await y.data();
  y.dispose();
  demand(values.every(Number.isFinite), who, `the output must be finite for ${what}`);
}

/**
 * What every attention variant must do: keep the shape, be a function of its key and inputs alone, follow permutations, survive
 * extreme logits, one token and constant input, leave no tensors behind, and have right derivatives.
 *
 * @throws GanymedeError `nonconforming` naming the variant and the first rule that it breaks.
 */
export async function checkAttention(variant: AttentionVariant, options: AttentionCheck = {}): Promise<void> {
  const { channels = 8, heads = 2, tokens = 5, equivariant = true, order = 2 } = options;
  const who = `attention "${variant.id}"`;
  const create = () => variant.create({ channels, heads }) as Layer<ParamTree, never, tf.Tensor3D>;
  const layer = create();
  const apply = applyOf(variant, layer);
  const params = layer.init(key(1));
  const x = normal<tf.Rank.R3>(key(2), [2, tokens, channels]);
  const memory = normal<tf.Rank.R3>(key(3), [2, tokens + 2, channels]);
  const y = apply(params, x, memory);

  demand(
    String(y.shape) === String([2, tokens, channels]),
    who,
    `the output must have the shape [2, ${tokens}, ${channels}] of the input, got [${y.shape}]`,
  );
  await finite(tf.clone(y), who, "normal input");
  await expectAllClose(apply(params, x, memory), y, { relative: 0, absolute: 0 }, `${who}: applied twice`);
  const again = applyOf(variant, create())(create().init(key(1)), x, memory);
  await expectAllClose(again, y, { relative: 0, absolute: 0 }, `${who}: initialised twice from one key`);

  if (equivariant) {
    const shuffled = Array.from(permutation(fold(key(4), tokens), tokens));
    const moved = apply(params, tf.gather(x, shuffled, 1), memory);
    const close = { relative: 1e-4, absolute: 1e-5 };
    await expectAllClose(moved, tf.gather(y, shuffled, 1), close, `${who}: permuted tokens give permuted outputs`);
  }

  await finite(apply(params, tf.mul(x, 1e4), tf.mul(memory, 1e4)), who, "inputs of size 1e4");
  await finite(apply(params, tf.fill([2, tokens, channels], 0.5), tf.fill(memory.shape, 0.5)), who, "constant input");
  await finite(apply(params, tf.zeros([2, tokens, channels]), tf.zeros(memory.shape)), who, "zeros");
  const one = tf.slice3d(x, [0, 0, 0], [2, 1, channels]);
  await finite(apply(params, one, memory), who, "one token");

  const tidied = () => {
    tf.tidy(() => {
      apply(params, x, memory);
    });
  };
  await expectNoLeaks(tidied, who);
  const inputs = variant.role === "self" ? { params, x } : { params, x, memory };
  const run = (tree: { params: ParamTree; x: tf.Tensor; memory?: tf.Tensor }) =>
    apply(tree.params, tree.x as tf.Tensor3D, (tree.memory ?? memory) as tf.Tensor3D);
  await checkGradients(run as (tree: ParamTree) => tf.Tensor, inputs, { order, who });
  disposeTree({ params, x, memory, y });
}
