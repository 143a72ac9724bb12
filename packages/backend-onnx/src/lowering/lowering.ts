import type { NamedAttrMap } from "@tensorflow/tfjs-core";
import type { GraphBuilder } from "../graph/builder.js";
import type { Value } from "../graph/value.js";

/** Inputs of a lowering: tensors by name in tfjs's order, and the kernel's attributes. */
export interface LoweringInput {
  readonly b: GraphBuilder;
  readonly inputs: Readonly<Record<string, Value>>;
  readonly attrs: NamedAttrMap;
}

/** Lowers one tfjs kernel to graph nodes. */
export type Lowering = (input: LoweringInput) => Value | Value[];

export type LoweringTable = Readonly<Record<string, Lowering>>;

/** An attribute whose type the kernel's contract in tfjs-core guarantees. */
export function attribute<Type>(attrs: NamedAttrMap, name: string): Type {
  return attrs[name] as Type;
}

/** Axes as a list of non-negative numbers. */
export function axesOf(axis: number | readonly number[] | undefined | null, rank: number): number[] {
  if (axis === undefined || axis === null) return Array.from({ length: rank }, (_, i) => i);
  return [axis].flat().map((a) => ((a as number) < 0 ? (a as number) + rank : (a as number)));
}
