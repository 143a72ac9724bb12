import type { GraphBuilder, Value } from "@ganymede/backend-onnx/engine";
import { binary, cast, nodesOf, sizeOf } from "@ganymede/backend-onnx/engine";
import { describe, expect, it } from "vitest";
import type { GraphCase } from "../fixtures/both-engines.js";
import { absent, graphOf, onBoth, rewritten } from "../fixtures/both-engines.js";
import { liftConstants } from "./lifted-constants.js";
import { optimize } from "./optimize.js";

/** Numbers of both signs below 1. */
const numbers = (shape: number[], step: number) => ({
  type: "float32" as const,
  shape,
  data: Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * step)),
});

const float = (shape: number[]) => ({ type: "float32" as const, shape });

const product = (b: GraphBuilder, x: Value, y: Value, shape: number[], transposed: [number, number], alpha: number) => {
  const attributes = { transA: transposed[0], transB: transposed[1], alpha: { float: alpha } };
  return b.apply("FusedMatMul", [x, y], { type: x.type, shape }, attributes, "com.microsoft");
};

const sum = (op: string) => (b: GraphBuilder, x: Value, axes: number[], shape: number[]) =>
  b.apply(op, [x, b.integers(axes)], float(shape), { keepdims: shape.length === x.shape.length ? 1 : 0 });

/** Graphs whose rewritten form computes the same, each with the operators that it must and must not have. */
const cases: Record<string, GraphCase & { readonly has?: string[]; readonly lacks: string[] }> = {
  "a product of transposed matrices, scaled": {
    feeds: [numbers([24, 40], 0.7), numbers([8, 24], 1.3)],
    make: (b, x, y) => [product(b, x, y, [40, 8], [1, 1], 0.3)],
    has: ["MatMul"],
    lacks: ["FusedMatMul"],
  },
  "a stack of products whose scale is 1": {
    feeds: [numbers([2, 3, 16, 8], 0.7), numbers([2, 3, 16, 8], 1.3)],
    make: (b, x, y) => [product(b, x, y, [2, 3, 16, 16], [0, 1], 1)],
    has: ["MatMul"],
    lacks: ["FusedMatMul", "Mul"],
  },
  "a scaled product that elementwise operators read": {
    feeds: [numbers([64, 16], 0.7), numbers([16, 16], 1.3)],
    make: (b, x, y) => [b.apply("Tanh", [product(b, x, y, [64, 16], [0, 0], 0.25)], float([64, 16]))],
    lacks: ["FusedMatMul"],
  },
  "a scaled product in bfloat16 that is read in float32": {
    feeds: [numbers([64, 16], 0.7), numbers([64, 16], 1.3)],
    make: (b, x, y) => {
      const [p, q] = [cast(b, x, "bfloat16"), cast(b, y, "bfloat16")];
      return [cast(b, product(b, p, q, [16, 16], [1, 0], 0.3), "float32")];
    },
    lacks: ["FusedMatMul"],
  },
  "the gradient of a bias": {
    feeds: [numbers([32, 17, 24], 0.7)],
    make: (b, x) => [sum("ReduceSum")(b, x, [0, 1], [24])],
    has: ["MatMul"],
    lacks: ["ReduceSum"],
  },
  "a mean over the rows of each map": {
    feeds: [numbers([4, 64, 16], 0.7)],
    make: (b, x) => [sum("ReduceMean")(b, x, [1], [4, 1, 16])],
    has: ["MatMul"],
    lacks: ["ReduceMean"],
  },
  "sums over columns, which stay": {
    feeds: [numbers([64, 64], 0.7)],
    make: (b, x) => [sum("ReduceSum")(b, x, [1], [64])],
    has: ["ReduceSum"],
    lacks: ["MatMul"],
  },
  "sums over axes apart": {
    feeds: [numbers([4, 8, 2, 8, 2, 16], 0.7)],
    make: (b, x) => [sum("ReduceMean")(b, x, [2, 4], [4, 8, 8, 16])],
    has: ["MatMul"],
    lacks: ["ReduceMean", "ReduceSum"],
  },
  "sums over axes apart, the last among them": {
    feeds: [numbers([4, 8, 2, 8], 0.7)],
    make: (b, x) => [sum("ReduceSum")(b, x, [0, 3], [8, 2])],
    has: ["MatMul", "ReduceSum"],
    lacks: [],
  },
  "a sum over axes with one of a single element between them": {
    feeds: [numbers([32, 1, 8, 16], 0.7)],
    make: (b, x) => [sum("ReduceSum")(b, x, [0, 2], [1, 16])],
    has: ["MatMul"],
    lacks: ["ReduceSum"],
  },
  "a sum over the last axis and one of a single element, which stays": {
    feeds: [numbers([1, 32, 48], 0.7)],
    make: (b, x) => [sum("ReduceSum")(b, x, [0, 2], [32])],
    has: ["ReduceSum"],
    lacks: ["MatMul"],
  },
  "maxima over 2 x 2 places": {
    feeds: [numbers([4, 8, 2, 8, 2, 16], 0.7)],
    make: (b, x) => [sum("ReduceMax")(b, x, [2, 4], [4, 8, 8, 16])],
    has: ["Max"],
    lacks: ["ReduceMax"],
  },
  "minima over many places apart, which stay": {
    feeds: [numbers([9, 4, 9, 8], 0.7)],
    make: (b, x) => [sum("ReduceMin")(b, x, [0, 2], [4, 8])],
    has: ["ReduceMin"],
    lacks: ["Min"],
  },
  "a variance": {
    feeds: [numbers([64, 48], 0.7)],
    make: (b, x) => [sum("ReduceMean")(b, binary(b, "Mul", x, x), [1], [64, 1])],
    has: ["ReduceL2"],
    lacks: ["ReduceMean"],
  },
  "a bias after a product of flattened rows": {
    feeds: [numbers([64, 16], 0.7), numbers([16, 32], 1.3), numbers([32], 0.3)],
    make: (b, x, y, bias) => {
      const shifted = binary(b, "Add", b.apply("MatMul", [x, y], float([64, 32])), bias);
      return [
        b.apply(
          "Tanh",
          [b.apply("Reshape", [shifted, b.integers([4, 16, 32])], float([4, 16, 32]))],
          float([4, 16, 32]),
        ),
      ];
    },
    lacks: [],
  },
  "a scaled tensor times a smaller one": {
    feeds: [numbers([64, 48], 0.7), numbers([64, 1], 1.3)],
    make: (b, x, y) => [binary(b, "Mul", binary(b, "Mul", x, b.scalar("float32", 0.7)), y), x],
    lacks: [],
  },
};

function expectClose(actual: number[][], expected: number[][], digits: number): void {
  actual.flat().forEach((value, i) => void expect(value).toBeCloseTo(expected.flat()[i]!, digits));
}

const operatorsOf = (graphCase: GraphCase): string[] =>
  nodesOf(optimize(graphOf(graphCase)).outputs).map(({ op }) => op);

describe("a faster form of", () => {
  const inFloat32 = Object.keys(cases).filter((name) => !name.includes("bfloat16"));

  it.each(Object.entries(cases))("%s has the operators it should", (_, { has = [], lacks, ...graphCase }) => {
    const operators = operatorsOf(graphCase);
    for (const op of has) expect(operators).toContain(op);
    for (const op of lacks) expect(operators).not.toContain(op);
  });

  it.each(inFloat32)("%s computes the same", async (name) => {
    const [before, after] = await rewritten(cases[name]!);
    expectClose(after!, before!, 4);
  });

  it.skipIf(absent !== null).each(inFloat32)("%s computes the same on OpenVINO", async (name) => {
    const { reference, openvino } = await onBoth(cases[name]!);
    expectClose(openvino, reference, 4);
  });

  it("a bias after a product of flattened rows has its reshape right after the product", () => {
    const nodes = nodesOf(optimize(graphOf(cases["a bias after a product of flattened rows"]!)).outputs);
    expect(nodes.map(({ op }) => op)).toEqual(["MatMul", "Reshape", "Add", "Tanh"]);
  });

  it("a scaled tensor times a smaller one scales the smaller one", () => {
    const graph = optimize(graphOf(cases["a scaled tensor times a smaller one"]!));
    const sizes = nodesOf(graph.outputs).map(({ outputs }) => outputs[0]!.shape);
    expect(sizes).toEqual([
      [64, 1],
      [64, 48],
    ]);
  });

  it("a sum of what products read in bfloat16 reads it so too", () => {
    const summed: GraphCase = {
      feeds: [numbers([64, 32], 0.7), numbers([32, 8], 1.3)],
      make: (b, x, y) => {
        const z = b.apply("Exp", [x], float([64, 32]));
        const [p, q] = [cast(b, z, "bfloat16"), cast(b, y, "bfloat16")];
        const read = cast(b, b.apply("MatMul", [p, q], { type: "bfloat16", shape: [64, 8] }), "float32");
        return [read, sum("ReduceSum")(b, z, [0], [32])];
      },
    };
    const products = nodesOf(optimize(graphOf(summed)).outputs).filter(({ op }) => op === "MatMul");
    expect(products.map(({ inputs }) => inputs[1]!.type)).toEqual(["bfloat16", "bfloat16"]);
  });

  it("a scale of a product's result is fed, so that it stays there", () => {
    const { graph, constants } = liftConstants(
      optimize(graphOf(cases["a scaled product that elementwise operators read"]!)),
    );
    expect(constants.map(({ source }) => source.kind === "constant" && source.data[0])).toEqual([0.25]);
    expect(graph.inputs).toHaveLength(3);
  });
});
