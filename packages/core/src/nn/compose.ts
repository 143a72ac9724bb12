import { Tensor } from "@tensorflow/tfjs-core";
import type { Context, Layer } from "../contracts/layer.js";
import { defineLayer } from "../contracts/layer.js";
import type { Key } from "../random/key.js";
import { fold } from "../random/key.js";
import type { ParamTree } from "../tree/param-tree.js";
import { contextAt } from "./context.js";
import type { LinearLayer } from "./linear.js";

/** Parameters of a composed layer itself, such as a table of embeddings, passed unchanged to its forward function. */
export interface Learned<Params extends ParamTree> {
  init(key: Key): Params;
}

/** Wraps parameters without a layer: `compose({ start: learned((key) => normal(key, [4, 4, width])) }, ...)`. */
export const learned = <Params extends ParamTree>(init: (key: Key) => Params): Learned<Params> => ({ init });

type Part =
  | Learned<ParamTree>
  | Layer<ParamTree, never, unknown>
  | readonly Layer<ParamTree, never, unknown>[]
  | undefined;

/** Parts by name: layers, lists of layers, learned parameters, and undefined for a part that this configuration omits. */
export type Parts = Readonly<Record<string, Part>>;

type PartParams<P> = P extends readonly (infer L)[]
  ? readonly PartParams<L>[]
  : P extends { init(key: never): infer Params }
    ? Params
    : never;

type OptionalKeys<P> = { [Name in keyof P]: undefined extends P[Name] ? Name : never }[keyof P];

/** The parameters of composed parts, by part name. */
export type ComposedParams<P extends Parts> = {
  readonly [Name in Exclude<keyof P, OptionalKeys<P>>]: PartParams<P[Name]>;
} & { readonly [Name in OptionalKeys<P>]?: PartParams<NonNullable<P[Name]>> };

type Call<P> = P extends undefined
  ? undefined
  : P extends readonly (infer L)[]
    ? readonly Call<L>[]
    : P extends LinearLayer
      ? LinearCall
      : P extends Layer<infer _, infer Input, infer Output>
        ? (input: Input) => Output
        : P extends Learned<infer Params>
          ? Params
          : never;

/** y = x W + b over the last axis of an input of any rank. */
type LinearCall = <T extends Tensor>(x: T) => T;

/** The parts as functions of their inputs, bound to parameters and context; learned parameters as tensors. */
export type Bound<P extends Parts> = { readonly [Name in keyof P]: Call<P[Name]> };

/** A layer composed of named parts. */
export interface ComposedLayer<P extends Parts, Input, Output> extends Layer<ComposedParams<P>, Input, Output> {
  /** Binds the parts to parameters and a context, for functions other than `apply`, such as a generator's mapping and synthesis. */
  bind(params: ComposedParams<P>, context: Context): Bound<P>;
}

const isLayer = (part: object): part is Layer<ParamTree, unknown, unknown> => "apply" in part;
const isList = (part: Part): part is readonly Layer<ParamTree, never, unknown>[] => Array.isArray(part);

/** Applies a layer and reports its output to the observer, if there is one. */
function applyObserved<Params extends ParamTree, Input, Output>(
  layer: Layer<Params, Input, Output>,
  params: Params,
  input: Input,
  context: Context,
): Output {
  const output = layer.apply(params, input, context);
  if (output instanceof Tensor) context.observe?.("output", output, context.path);
  return output;
}

function bindPart(part: Part, params: ParamTree, context: Context): unknown {
  if (isList(part))
    return part.map((each, index) =>
      bindPart(each, (params as readonly ParamTree[])[index] as ParamTree, contextAt(context, index)),
    );
  const layer: object | undefined = part;
  if (layer === undefined || !isLayer(layer)) return params;
  return (input: unknown) => applyObserved(layer, params, input, context);
}

function initPart(part: NonNullable<Part>, key: Key): ParamTree {
  return "init" in part ? part.init(key) : part.map((each, index) => each.init(fold(key, index)));
}

/**
 * Composes a layer from named parts. Its parameters are those of the parts, by name; the forward function calls each part with its input
 * only: parameters and context (mode, unique key, labels, step, path, observer) reach every part automatically.
 *
 * ```ts
 * const block = compose({ norm: layerNorm({ width }), attention, mlp: mlp({ width, hidden }) }, (part, x: tf.Tensor3D) => {
 *   const mixed = tf.add(x, part.attention(part.norm(x)));
 *   return tf.add(mixed, part.mlp(mixed));
 * });
 * ```
 *
 * A list of layers becomes a list of functions; an undefined part stays undefined and has no parameters; `learned(init)` becomes the
 * parameters themselves.
 */
export function compose<P extends Parts, Input, Output>(
  parts: P,
  forward: (part: Bound<P>, input: Input, context: Context) => Output,
): ComposedLayer<P, Input, Output> {
  const present = Object.entries(parts).filter((entry): entry is [string, NonNullable<Part>] => entry[1] !== undefined);
  const bind = (params: ComposedParams<P>, context: Context) =>
    Object.fromEntries(
      present.map(([name, part]) => [
        name,
        bindPart(part, (params as Record<string, ParamTree>)[name] as ParamTree, contextAt(context, name)),
      ]),
    ) as Bound<P>;
  return {
    init: (key) =>
      Object.fromEntries(present.map(([name, part]) => [name, initPart(part, fold(key, name))])) as ComposedParams<P>,
    apply: (params, input, context) => forward(bind(params, context), input, context),
    bind,
  };
}

/** A function of a composed layer's bound parts as one of parameters, such as a generator's mapping, which stands beside `apply`. */
export function boundTo<P extends Parts, Input, Output>(
  layer: Pick<ComposedLayer<P, never, unknown>, "bind">,
  forward: (part: Bound<P>, input: Input, context: Context) => Output,
): (params: ComposedParams<P>, input: Input, context: Context) => Output {
  return (params, input, context) => forward(layer.bind(params, context), input, context);
}

/** Applies layers in sequence; without layers, the identity. Its parameters are a list. */
export function stack<Params extends ParamTree, X>(
  layers: readonly Layer<Params, X, X>[],
): Layer<readonly Params[], X, X> {
  return defineLayer({
    init: (key) => layers.map((layer, index) => layer.init(fold(key, index))),
    apply: (params, x, context) =>
      layers.reduce(
        (y, layer, index) => applyObserved(layer, params[index] as Params, y, contextAt(context, index)),
        x,
      ),
  });
}
