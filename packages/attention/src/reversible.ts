/**
 * Reversible blocks: y1 = x1 + f(x2), y2 = x2 + g(y1), on halves of the channels. The backward pass computes each block's inputs from
 * its outputs, x2 = y2 - g(y1), x1 = y1 - f(x2), so only the last output is kept, whatever the depth.
 * Shapes: x [B, N, 2 D] -> [B, N, 2 D]; f and g [B, N, D] -> [B, N, D]. What all blocks share, as a style, is `shared`.
 * Cost: one more forward pass in the backward; memory of one block instead of all.
 * Source: Gomez et al. 2017, RevNet, arXiv 1707.04585, section 3; Kitaev et al. 2020, Reformer, arXiv 2001.04451, section 3.
 * Differs from source: none. First derivatives only, by nature: a gradient penalty on it throws. Draws follow from keys, so that the
 * second forward pass repeats the first.
 */
import type { Context, FirstOrderLayer, Layer, ParamTree } from "@ganymede/core";
import { expectShape, fillTree, fold, GanymedeError, leaves } from "@ganymede/core";
import { after, contextAt, withGradient } from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { innerGradient, refuseSecondOrder } from "./parts/first-order.js";

export interface HalfInput {
  /** [B, N, D]. */
  readonly x: tf.Tensor3D;
  /** What the sequence was given for all of its blocks. */
  readonly shared: readonly tf.Tensor[];
}

export interface ReversibleBlock<F extends ParamTree, G extends ParamTree> {
  readonly f: Layer<F, HalfInput, tf.Tensor3D>;
  readonly g: Layer<G, HalfInput, tf.Tensor3D>;
}

export type ReversibleParams<F extends ParamTree, G extends ParamTree> = readonly { readonly f: F; readonly g: G }[];

export interface ReversibleInput {
  /** [B, N, 2 D]. */
  readonly x: tf.Tensor3D;
  readonly shared?: readonly tf.Tensor[];
}

const halves = (x: tf.Tensor): [tf.Tensor3D, tf.Tensor3D] => {
  const [a, b] = tf.split<tf.Tensor3D>(x, 2, 2);
  return [a!, b!];
};

/**
 * The context of one half of one block: its own key, the same in both passes. Running statistics are left out, which the second pass would
 * move again.
 */
function contextOf(context: Context, block: number, half: "f" | "g"): Context {
  const part = contextAt(contextAt(context, block), half);
  if (part.mode === "inference") return part;
  const { update: _, ...rest } = part;
  return rest;
}

/** A sequence of reversible blocks as one layer. */
export function reversible<F extends ParamTree, G extends ParamTree>(
  blocks: readonly ReversibleBlock<F, G>[],
): FirstOrderLayer<ReversibleParams<F, G>, ReversibleInput, tf.Tensor3D> {
  if (blocks.length === 0) throw new GanymedeError("invalid-argument", "reversible: there must be a block, got none");
  type Half = "f" | "g";

  return {
    differentiable: "once",
    init: (key) =>
      blocks.map(({ f, g }, i) => ({ f: f.init(fold(fold(key, i), "f")), g: g.init(fold(fold(key, i), "g")) })),
    apply(params, { x, shared = [] }, context) {
      expectShape(x, ["B", "N", "2 D"], "reversible input");
      const count = leaves(params).length;
      /** Parameters and what all blocks share, out of the flat list that the gradient sees. */
      const unpack = (values: readonly tf.Tensor[]) => ({
        weights: fillTree(params, values.slice(0, count)) as ReversibleParams<F, G>,
        common: values.slice(count),
      });
      const run = (tree: ParamTree, common: readonly tf.Tensor[], input: tf.Tensor3D, block: number, half: Half) => {
        const layer: Layer<ParamTree, HalfInput, tf.Tensor3D> = blocks[block]![half];
        return layer.apply(tree, { x: input, shared: common }, contextOf(context, block, half));
      };

      function forward(input: tf.Tensor3D, ...values: tf.Tensor[]): tf.Tensor3D {
        const { weights, common } = unpack(values);
        let [a, b] = halves(input);
        weights.forEach(({ f, g }, i) => {
          [a, b] = tf.tidy(() => {
            const first = tf.add<tf.Tensor3D>(a, run(f, common, b, i, "f"));
            return [first, tf.add<tf.Tensor3D>(b, run(g, common, first, i, "g"))];
          });
        });
        return tf.concat3d([a, b], 2);
      }

      function backward(dy: tf.Tensor3D, [y, ...values]: readonly [tf.Tensor3D, ...tf.Tensor[]]): tf.Tensor[] {
        refuseSecondOrder("reversible");
        const { weights, common } = unpack(values);
        // After dy, so that a compiled graph computes the activations again instead of keeping those of the forward pass.
        let [y1, y2] = halves(after(y, dy));
        let [d1, d2] = halves(dy);
        let dShared: tf.Tensor[] = common.map((each) => tf.zerosLike(each));
        const dWeights: tf.Tensor[][] = [];
        /** Value, and cotangents of the input and of the parameters, of one half of block `i`; those of the shared are added up. */
        const half = (i: number, name: Half, at: tf.Tensor3D, d: tf.Tensor3D) => {
          const tree: ParamTree = weights[i]![name];
          const own = leaves(tree).map(({ value }) => value);
          const { value, cotangents } = innerGradient(
            ([input, ...rest]) =>
              run(fillTree(tree, rest.slice(0, own.length)), rest.slice(own.length), input as tf.Tensor3D, i, name),
            [at, ...own, ...common],
            d,
          );
          const [dx, ...rest] = cotangents;
          dShared = dShared.map((sum, j) => tf.add(sum, rest[own.length + j]!));
          return { value, dx: dx!, dOwn: rest.slice(0, own.length) };
        };
        for (let i = weights.length - 1; i >= 0; i--) {
          const second = half(i, "g", y1, d2);
          const x2 = tf.sub<tf.Tensor3D>(y2, second.value);
          d1 = tf.add(d1, second.dx);
          const first = half(i, "f", x2, d1);
          d2 = tf.add(d2, first.dx);
          dWeights.unshift([...first.dOwn, ...second.dOwn]);
          // All that this block gives must be there before the next is computed again, or the activations of all would wait in memory.
          const done = [d1, d2, ...first.dOwn, ...second.dOwn, ...dShared];
          const later = (value: tf.Tensor3D): tf.Tensor3D =>
            done.reduce<tf.Tensor3D>((late, each) => after(late, each), value);
          y1 = later(tf.sub(y1, first.value));
          y2 = later(x2);
        }
        return [tf.concat([d1, d2], 2), ...dWeights.flat(), ...dShared];
      }

      // The input is not kept: the blocks give it back.
      const apply = withGradient({
        forward,
        save: (value, [, ...others]): [tf.Tensor3D, ...tf.Tensor[]] => [value, ...others],
        backward,
      });
      return apply(x, ...leaves(params).map(({ value }) => value), ...shared);
    },
  };
}
