import { fromBfloat16 } from "../model/bfloat16.js";
import { arrayOf } from "../model/element-types.js";
import { fromHalf } from "../model/half.js";
import type { AttributeValue, Domain, ElementType, HostArray, Node, Value } from "./value.js";
import { isBody, sizeOf } from "./value.js";

export interface OutputInfo {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** Constants up to this size are compared by value, so that equal ones are shared. */
const sharedConstantLimit = 4096;

/** Creates graph nodes. Equal applications of an operator to the same inputs share one node (common subexpression elimination). */
export class GraphBuilder {
  /** Shared by all builders: a rewritten graph contains values of its source. */
  private static nextId = 0;
  private readonly nodes = new Map<string, Node>();
  private readonly constants = new Map<string, Value>();

  private value(type: ElementType, shape: readonly number[], source: Value["source"]): Value {
    return { id: GraphBuilder.nextId++, type, shape, source };
  }

  /** An input of the graph. */
  feed(type: ElementType, shape: readonly number[]): Value {
    return this.value(type, shape, { kind: "feed" });
  }

  /** A constant of all its elements, or of one that is repeated. */
  constant(type: ElementType, shape: readonly number[], data: HostArray): Value {
    if (data.length > sharedConstantLimit) return this.value(type, shape, { kind: "constant", data });
    const key = `${type}[${shape.join()}]${data.join()}`;
    let found = this.constants.get(key);
    if (found === undefined) {
      found = this.value(type, shape, { kind: "constant", data });
      this.constants.set(key, found);
    }
    return found;
  }

  /** A constant with equal elements. */
  fill(type: ElementType, shape: readonly number[], element: number): Value {
    return this.constant(type, shape, arrayOf(type, [element]));
  }

  scalar(type: ElementType, element: number): Value {
    return this.fill(type, [], element);
  }

  /** A list of int64, for shapes, axes and paddings. */
  integers(values: readonly number[]): Value {
    return this.constant("int64", [values.length], arrayOf("int64", values));
  }

  /** Applies an operator with several outputs. */
  applyMany(
    op: string,
    inputs: readonly (Value | null)[],
    outputs: readonly OutputInfo[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain: Domain = "",
  ): Value[] {
    const shared = !Object.values(attributes).some(isBody);
    const key = shared
      ? `${op}(${inputs.map((input) => input?.id ?? "").join()})${JSON.stringify(attributes)}${outputs.map((o) => o.type + o.shape.join("x")).join(";")}`
      : "";
    const known = shared ? this.nodes.get(key) : undefined;
    if (known !== undefined) return known.outputs;
    const node: Node = { op, domain, inputs, attributes, outputs: [] };
    for (const output of outputs) node.outputs.push(this.value(output.type, output.shape, { kind: "node", node }));
    if (shared) this.nodes.set(key, node);
    return node.outputs;
  }

  /** Applies an operator with one output. */
  apply(
    op: string,
    inputs: readonly (Value | null)[],
    output: OutputInfo,
    attributes: Readonly<Record<string, AttributeValue>> = {},
    domain: Domain = "",
  ): Value {
    return this.applyMany(op, inputs, [output], attributes, domain)[0]!;
  }
}

/** An element of a constant as a number. */
function numberIn(type: ElementType, element: number | bigint): number {
  if (type === "bfloat16") return fromBfloat16(Number(element));
  return type === "float16" ? fromHalf(Number(element)) : Number(element);
}

/** The element that a constant repeats, if any. */
export function splatOf(value: Value): number | undefined {
  if (value.source.kind !== "constant") return undefined;
  const { data } = value.source;
  return data.length === 1 ? numberIn(value.type, data[0]!) : undefined;
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Broadcast shape of two operands. */
export function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[i - rank + a.length] ?? 1;
    const right = b[i - rank + b.length] ?? 1;
    return left === 1 ? right : left;
  });
}

/** All elements of a constant. */
export function elementsOf(value: Value): number[] | undefined {
  if (value.source.kind !== "constant") return undefined;
  const { data } = value.source;
  const size = sizeOf(value.shape);
  const number = (element: number | bigint): number => numberIn(value.type, element);
  return data.length === size
    ? Array.from(data as ArrayLike<number | bigint>, number)
    : Array(size).fill(number(data[0]!));
}
