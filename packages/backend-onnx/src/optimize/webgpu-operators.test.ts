import { expect, it } from "vitest";
import { GraphBuilder } from "../graph/builder.js";
import { binary, matrixProduct, unary } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { nodesOf, sizeOf } from "../graph/value.js";
import type { Graph } from "../model/encode-model.js";
import { encodeModel } from "../model/encode-model.js";
import { createEnvironment } from "../native/environment.js";
import { createSession } from "../native/session.js";
import { hostStore } from "../native/store.js";
import { rewrite } from "./rewrite.js";
import { webgpuOperators } from "./webgpu-operators.js";

const environment = await createEnvironment({ threads: 1 });
const store = hostStore(environment.library);

/** The graph's first output for inputs of many sizes and both signs. */
function run(graph: Graph): number[] {
  const session = createSession(environment, graph, encodeModel(graph));
  const inputs = graph.inputs.map(({ type, shape }, at) =>
    store.write(
      type,
      shape,
      Float32Array.from({ length: sizeOf(shape) }, (_, i) => (i - 10) * 0.71 ** at),
    ),
  );
  const { type, shape } = graph.outputs[0]!;
  const output = store.pool.allocate(type, shape);
  session.runSync(inputs, [output]);
  session.release();
  return Array.from(store.readNow(output)!, Number);
}

const b = new GraphBuilder();
const matrix = b.feed("float32", [5, 8]);
const square = b.feed("float32", [2, 4, 4]);
const greater = (x: Value, limit: number): Value => binary(b, "Greater", x, b.scalar("float32", limit), "bool");
const [images, filters] = [b.feed("float32", [1, 6, 3, 3]), b.feed("float32", [4, 6, 2, 2])];
const grouped = b.feed("float32", [6, 2, 2, 2]);

const cases: Readonly<Record<string, Graph>> = {
  Sin: { inputs: [matrix], outputs: [unary(b, "Sin", matrix)] },
  Cos: { inputs: [matrix], outputs: [unary(b, "Cos", matrix)] },
  Tan: { inputs: [matrix], outputs: [unary(b, "Tan", matrix)] },
  Sign: { inputs: [matrix], outputs: [unary(b, "Sign", matrix)] },
  Or: { inputs: [matrix], outputs: [binary(b, "Or", greater(matrix, 9), unary(b, "Not", greater(matrix, -3)))] },
  FusedMatMul: { inputs: [square], outputs: [matrixProduct(b, square, square, true, true, 0.5)] },
  Conv: {
    inputs: [images, filters],
    outputs: [b.apply("Conv", [images, filters], { type: "float32", shape: [1, 4, 2, 2] })],
  },
  ConvTranspose: {
    inputs: [images, grouped],
    outputs: [b.apply("ConvTranspose", [images, grouped], { type: "float32", shape: [1, 6, 4, 4] }, { group: 3 })],
  },
};

it.each(Object.entries(cases))("writes %s in other operators, with the same values", (op, graph) => {
  const rewritten = rewrite(graph, webgpuOperators);
  expect(nodesOf(rewritten.outputs).length).toBeGreaterThan(nodesOf(graph.outputs).length);
  if (!op.startsWith("Conv")) expect(nodesOf(rewritten.outputs).map((node) => node.op)).not.toContain(op);
  const [ours, reference] = [run(rewritten), run(graph)];
  const scale = Math.max(...reference.map(Math.abs));
  expect(Math.max(...ours.map((value, i) => Math.abs(value - reference[i]!)))).toBeLessThanOrEqual(5e-7 * scale);
});
