/** Element types of graphs; only internally: int64 for shapes and indices, and float16 and bfloat16 for mixed precision. */
export type ElementType = "float32" | "float16" | "bfloat16" | "int32" | "int64" | "bool" | "uint8" | "float64";

/** Number formats of 16 bits, for mixed precision. */
export type NarrowType = "float16" | "bfloat16";

/** Whether a type is one of the formats of 16 bits. */
export const isNarrow = (type: ElementType): type is NarrowType => type === "float16" || type === "bfloat16";

/** Elements of a tensor; float16 and bfloat16 as bits. */
export type HostArray = Float32Array | Uint16Array | Int32Array | BigInt64Array | Uint8Array | Float64Array;

/** A tensor in a graph: an output of a node, a constant, or an input. */
export interface Value {
  readonly id: number;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly source: NodeOutput | Constant | Feed;
}

export interface NodeOutput {
  readonly kind: "node";
  readonly node: Node;
}

/** `data` has every element, or one that is repeated. */
export interface Constant {
  readonly kind: "constant";
  readonly data: HostArray;
}

export interface Feed {
  readonly kind: "feed";
}

export type AttributeValue = number | string | readonly number[] | { readonly float: number } | Body;

/** A subgraph of a node such as `Scan`. It may use `captures`, values of the outer graph, by name. */
export interface Body {
  readonly inputs: readonly Value[];
  readonly nodes: readonly Node[];
  readonly outputs: readonly Value[];
  readonly captures: readonly Value[];
}

export type Domain = "" | "com.microsoft";

/** An application of an ONNX operator. */
export interface Node {
  readonly op: string;
  readonly domain: Domain;
  readonly inputs: readonly (Value | null)[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly outputs: Value[];
}

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function isBody(value: AttributeValue): value is Body {
  return typeof value === "object" && "nodes" in value;
}

/** Values that a node depends on: its inputs and the captures of its bodies. */
export function dependencies(node: Node): Value[] {
  // Loops, because every pass asks this of every node.
  const found: Value[] = [];
  for (const input of node.inputs) if (input !== null) found.push(input);
  for (const name in node.attributes) {
    const attribute = node.attributes[name] as AttributeValue;
    if (isBody(attribute)) found.push(...attribute.captures);
  }
  return found;
}

/** The nodes that the outputs need, in topological order; with `inside`, those alone whose values are. */
export function nodesOf(outputs: readonly Value[], inside: (value: Value) => boolean = () => true): Node[] {
  const order: Node[] = [];
  const seen = new Set<Node>();
  // An explicit stack, because training graphs are deeper than the call stack.
  const stack: { node: Node; next: number; needs: readonly Value[] }[] = [];
  const enter = (value: Value): void => {
    if (value.source.kind !== "node" || seen.has(value.source.node) || !inside(value)) return;
    seen.add(value.source.node);
    stack.push({ node: value.source.node, next: 0, needs: dependencies(value.source.node) });
  };
  for (const output of outputs) {
    enter(output);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const need = top.needs[top.next++];
      if (need !== undefined) {
        enter(need);
      } else {
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}

/** The feeds that a graph with these outputs reads or gives back. */
export function feedsOf(outputs: readonly Value[]): Set<Value> {
  const values = [...outputs, ...nodesOf(outputs).flatMap(dependencies)];
  return new Set(values.filter(({ source }) => source.kind === "feed"));
}
