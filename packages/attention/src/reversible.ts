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
import { after, contextAt } from "@ganymede/core/nn";
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

const halves = (x: tf.Tensor) => tf.split(x, 2, 2) as [tf.Tensor3D, tf.Tensor3D];

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

  function run(
    params: ParamTree,
    shared: readonly tf.Tensor[],
    x: tf.Tensor,
    block: number,
    half: "f" | "g",
    context: Context,
  ) {
    const layer = (blocks[block] as ReversibleBlock<F, G>)[half] as Layer<ParamTree, HalfInput, tf.Tensor3D>;
    return layer.apply(params, { x: x as tf.Tensor3D, shared }, contextOf(context, block, half));
  }

  return {
    differentiable: "once",
    init: (key) =>
      blocks.map(({ f, g }, i) => ({ f: f.init(fold(fold(key, i), "f")), g: g.init(fold(fold(key, i), "g")) })),
    apply(params, { x, shared = [] }, context) {
      expectShape(x, ["B", "N", "2 D"], "reversible input");
      const flat = leaves(params).map(({ value }) => value);
      const rebuild = (values: readonly tf.Tensor[]) => fillTree(params, values) as ReversibleParams<F, G>;

      const apply = tf.customGrad((...args: (tf.Tensor | tf.GradSaveFunc)[]) => {
        const save = args.pop() as tf.GradSaveFunc;
        const [input, ...others] = args as tf.Tensor[];
        const weights = rebuild(others.slice(0, flat.length));
        const common = others.slice(flat.length);
        let [a, b] = halves(input as tf.Tensor);
        weights.forEach(({ f, g }, i) => {
          [a, b] = tf.tidy(() => {
            const first = tf.add(a, run(f, common, b, i, "f", context)) as tf.Tensor3D;
            return [first, tf.add(b, run(g, common, first, i, "g", context)) as tf.Tensor3D];
          });
        });
        const value = tf.concat([a, b], 2);
        save([value, ...others]);
        return { value, gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => backward(dy, saved) };
      });

      function backward(dy: tf.Tensor, [y, ...others]: tf.Tensor[]): tf.Tensor[] {
        refuseSecondOrder("reversible");
        const common = others.slice(flat.length);
        const weights = rebuild(others.slice(0, flat.length));
        // After dy, so that a compiled graph computes the activations again instead of keeping those of the forward pass.
        let [y1, y2] = halves(after(y as tf.Tensor, dy));
        let [d1, d2] = halves(dy);
        let dShared = common.map((each) => tf.zerosLike(each));
        const dWeights: tf.Tensor[][] = [];
        for (let i = weights.length - 1; i >= 0; i--) {
          const half = (name: "f" | "g", tree: ParamTree, at: tf.Tensor, d: tf.Tensor) => {
            const own = leaves(tree).map(({ value }) => value);
            const { value, cotangents } = innerGradient(
              ([input, ...rest]) =>
                run(
                  fillTree(tree, rest.slice(0, own.length)),
                  rest.slice(own.length),
                  input as tf.Tensor,
                  i,
                  name,
                  context,
                ),
              [at, ...own, ...common],
              d,
            );
            const [dx, ...rest] = cotangents;
            dShared = dShared.map((sum, j) => tf.add(sum, rest[own.length + j] as tf.Tensor));
            return { value, dx: dx as tf.Tensor, dOwn: rest.slice(0, own.length) };
          };
          const { f, g } = weights[i] as { f: F; g: G };
          const second = half("g", g, y1, d2);
          const x2 = tf.sub(y2, second.value) as tf.Tensor3D;
          d1 = tf.add(d1, second.dx) as tf.Tensor3D;
          const first = half("f", f, x2, d1);
          d2 = tf.add(d2, first.dx) as tf.Tensor3D;
          dWeights.unshift([...first.dOwn, ...second.dOwn]);
          // All that this block gives must be there before the next is computed again, or the activations of all would wait in memory.
          const done = [d1, d2, ...first.dOwn, ...second.dOwn, ...dShared];
          const later = (value: tf.Tensor) => done.reduce(after, value) as tf.Tensor3D;
          y1 = later(tf.sub(y1, first.value));
          y2 = later(x2);
        }
        return [tf.concat([d1, d2], 2), ...dWeights.flat(), ...dShared];
      }

      return apply(x, ...flat, ...shared) as tf.Tensor3D;
    },
  };
}
