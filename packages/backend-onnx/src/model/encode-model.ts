import type { AttributeValue, Body, Node, Value } from "../graph/value.js";
import { dependencies, isBody, nodesOf, sizeOf } from "../graph/value.js";
import { elementCode } from "./element-types.js";
import { ProtobufWriter } from "./protobuf.js";

/** Opset version of the lowerings. */
const opset = 21;
const irVersion = 10;

/** A graph with ordered inputs and outputs, which are named by position. */
export interface Graph {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
}

export function inputName(index: number): string {
  return `input${index}`;
}

export function outputName(index: number): string {
  return `output${index}`;
}

/** Names of values in the model: stable numbers, so that equal graphs give equal bytes. */
class Names {
  private readonly names = new Map<Value, string>();

  set(value: Value, name: string): void {
    this.names.set(value, name);
  }

  of(value: Value): string {
    let name = this.names.get(value);
    if (name === undefined) {
      name = `v${this.names.size}`;
      this.names.set(value, name);
    }
    return name;
  }
}

/** Names of a model's inputs and outputs, in order. */
export interface ModelNames {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/**
 * Encodes a graph as an ONNX model (onnx.proto, ModelProto), with inputs and outputs named by position or as given. Equal graphs give
 * equal bytes.
 */
export function encodeModel(graph: Graph, given?: ModelNames): Uint8Array {
  const nameOfInput = (index: number): string => given?.inputs[index] ?? inputName(index);
  const nameOfOutput = (index: number): string => given?.outputs[index] ?? outputName(index);
  const names = new Names();
  graph.inputs.forEach((input, i) => names.set(input, nameOfInput(i)));
  // A node writes its output directly to the caller's memory. Only outputs that are not node outputs, or that occur twice, are copied.
  const copied = new Set<number>();
  const named = new Set<Value>();
  graph.outputs.forEach((output, i) => {
    if (output.source.kind !== "node" || named.has(output)) copied.add(i);
    else names.set(output, nameOfOutput(i));
    named.add(output);
  });
  const nodes = nodesOf(graph.outputs);
  const writer = new ProtobufWriter().integer(1, irVersion).text(2, "ganymede");
  writer.message(7, (proto) => {
    for (const node of nodes) proto.message(1, (inner) => writeNode(inner, node, names));
    for (const i of copied) {
      proto.message(1, (inner) => writeCopy(inner, names.of(graph.outputs[i]!), nameOfOutput(i)));
    }
    proto.text(2, "graph");
    for (const constant of constantsOf(nodes, graph.outputs))
      proto.message(5, (inner) => writeTensor(inner, constant, names));
    graph.inputs.forEach((input, i) => proto.message(11, (inner) => writeValueInfo(inner, input, nameOfInput(i))));
    graph.outputs.forEach((output, i) => proto.message(12, (inner) => writeValueInfo(inner, output, nameOfOutput(i))));
  });
  for (const [domain, version] of [
    ["", opset],
    ["com.microsoft", 1],
  ] as const) {
    writer.message(8, (inner) => inner.text(1, domain).integer(2, version));
  }
  return writer.finish();
}

/** Constants of nodes and their bodies; bodies see those of the outer graph. */
function constantsOf(nodes: readonly Node[], outputs: readonly Value[]): Value[] {
  const found = new Set<Value>();
  const visit = (value: Value): void => {
    if (value.source.kind === "constant") found.add(value);
  };
  const visitNodes = (list: readonly Node[]): void => {
    for (const node of list) {
      dependencies(node).forEach(visit);
      for (const body of Object.values(node.attributes).filter(isBody)) {
        visitNodes(body.nodes);
        body.outputs.forEach(visit);
      }
    }
  };
  visitNodes(nodes);
  outputs.forEach(visit);
  return [...found];
}

function writeNode(proto: ProtobufWriter, node: Node, names: Names): void {
  for (const input of node.inputs) proto.text(1, input === null ? "" : names.of(input));
  for (const output of node.outputs) proto.text(2, names.of(output));
  proto.text(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) {
    proto.message(5, (inner) => writeAttribute(inner, name, value, names));
  }
  if (node.domain !== "") proto.text(7, node.domain);
}

function writeCopy(proto: ProtobufWriter, from: string, to: string): void {
  proto.text(1, from).text(2, to).text(4, "Identity");
}

const attributeType = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const;

function writeAttribute(proto: ProtobufWriter, name: string, value: AttributeValue, names: Names): void {
  proto.text(1, name);
  if (typeof value === "number") proto.integer(3, value).integer(20, attributeType.int);
  else if (typeof value === "string") proto.text(4, value).integer(20, attributeType.string);
  else if (isBody(value)) proto.message(6, (inner) => writeBody(inner, value, names)).integer(20, attributeType.graph);
  else if ("float" in value) proto.float(2, value.float).integer(20, attributeType.float);
  else {
    for (const item of value) proto.integer(8, item);
    proto.integer(20, attributeType.ints);
  }
}

function writeBody(proto: ProtobufWriter, body: Body, names: Names): void {
  for (const node of body.nodes) proto.message(1, (inner) => writeNode(inner, node, names));
  proto.text(2, "body");
  for (const input of body.inputs) proto.message(11, (inner) => writeValueInfo(inner, input, names.of(input)));
  for (const output of body.outputs) proto.message(12, (inner) => writeValueInfo(inner, output, names.of(output)));
}

function writeTensor(proto: ProtobufWriter, value: Value, names: Names): void {
  const data = value.source.kind === "constant" ? value.source.data : new Uint8Array();
  for (const size of value.shape) proto.integer(1, size);
  proto.integer(2, elementCode[value.type]).text(8, names.of(value));
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  proto.blob(9, data.length === 1 ? repeat(bytes, sizeOf(value.shape)) : bytes);
}

function repeat(element: Uint8Array, count: number): Uint8Array {
  const bytes = new Uint8Array(element.length * count);
  bytes.set(element.subarray(0, bytes.length));
  // Doubles what is there, in calls as many as the count has digits.
  for (let done = element.length; done < bytes.length; done *= 2) bytes.copyWithin(done, 0, done);
  return bytes;
}

function writeValueInfo(proto: ProtobufWriter, value: Value, name: string): void {
  proto.text(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.integer(1, elementCode[value.type]).message(2, (shape) => {
        for (const size of value.shape) shape.message(1, (dimension) => dimension.integer(1, size));
      }),
    ),
  );
}
