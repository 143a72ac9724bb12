/** A convolution with bias and ReLU; names as in pytorch-fid and in the TensorFlow graph of 2015-12-05. */
export interface Convolution {
  readonly kind: "convolution";
  readonly name: string;
  readonly graphName: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Height and width. */
  readonly kernel: readonly [number, number];
  readonly stride: 1 | 2;
  readonly padding: "valid" | "same";
}

/** 3x3 windows; an average does not count the padding. */
export interface Pool {
  readonly kind: "max-pool" | "average-pool";
  readonly stride: 1 | 2;
  readonly padding: "valid" | "same";
}

/** Parallel branches, concatenated along the channels. */
export interface Concat {
  readonly kind: "concat";
  readonly branches: readonly (readonly Step[])[];
}

/** Features of this width are the spatial mean here. */
export interface Tap {
  readonly kind: "tap";
  readonly dims: FeatureSize;
}

export type Step = Convolution | Pool | Concat | Tap;

/** Feature widths, as in pytorch-fid's `--dims`. */
export type FeatureSize = 64 | 192 | 768 | 2048;

/** Feature widths that a metric may use. */
export const featureSizes = [64, 192, 768, 2048] as const satisfies readonly FeatureSize[];

/** Outputs of the classifier, 1000 of which are classes. */
export const logitCount = 1008;

/** A convolution of a block: name, outputs, kernel, stride (2 is always without padding). */
type Row = readonly [name: string, outputs: number, kernel?: readonly [number, number], stride?: 1 | 2];

interface Scope {
  readonly name: string;
  readonly graph: string;
  readonly inputs: number;
}

const maxPool: Pool = { kind: "max-pool", stride: 2, padding: "valid" };
const averagePool: Pool = { kind: "average-pool", stride: 1, padding: "same" };
const tap = (dims: FeatureSize): Tap => ({ kind: "tap", dims });

/** Convolutions in sequence; `tower` is their name in the graph, "" for the block itself. */
function chain({ name, graph, inputs }: Scope, tower: string, rows: readonly Row[], first = 0): Convolution[] {
  const prefix = [graph, tower].filter((part) => part !== "").join("_");
  return rows.map(([step, outputs, kernel = [1, 1], stride = 1], i) => ({
    kind: "convolution",
    name: `${name}.${step}`,
    graphName: `${prefix}_conv${first + i === 0 ? "" : `_${first + i}`}`,
    inputs: i === 0 ? inputs : (rows[i - 1]?.[1] ?? 0),
    outputs,
    kernel,
    stride,
    padding: stride === 2 ? "valid" : "same",
  }));
}

const concat = (...branches: readonly Step[][]): Concat => ({ kind: "concat", branches });

function stem(
  name: string,
  graphName: string,
  shape: readonly [number, number, number],
  rest: Partial<Convolution>,
): Convolution {
  const [size, inputs, outputs] = shape;
  const fixed = { kind: "convolution", name, graphName, inputs, outputs, kernel: [size, size] } as const;
  return { ...fixed, stride: 1, padding: "valid", ...rest };
}

function blockA(scope: Scope, poolWidth: number): Concat {
  return concat(
    chain(scope, "", [["branch1x1", 64]]),
    chain(scope, "tower", [
      ["branch5x5_1", 48],
      ["branch5x5_2", 64, [5, 5]],
    ]),
    chain(scope, "tower_1", [
      ["branch3x3dbl_1", 64],
      ["branch3x3dbl_2", 96, [3, 3]],
      ["branch3x3dbl_3", 96, [3, 3]],
    ]),
    [averagePool, ...chain(scope, "tower_2", [["branch_pool", poolWidth]])],
  );
}

function blockB(scope: Scope): Concat {
  return concat(
    chain(scope, "", [["branch3x3", 384, [3, 3], 2]]),
    chain(scope, "tower", [
      ["branch3x3dbl_1", 64],
      ["branch3x3dbl_2", 96, [3, 3]],
      ["branch3x3dbl_3", 96, [3, 3], 2],
    ]),
    [maxPool],
  );
}

function blockC(scope: Scope, c: number): Concat {
  return concat(
    chain(scope, "", [["branch1x1", 192]]),
    chain(scope, "tower", [
      ["branch7x7_1", c],
      ["branch7x7_2", c, [1, 7]],
      ["branch7x7_3", 192, [7, 1]],
    ]),
    chain(scope, "tower_1", [
      ["branch7x7dbl_1", c],
      ["branch7x7dbl_2", c, [7, 1]],
      ["branch7x7dbl_3", c, [1, 7]],
      ["branch7x7dbl_4", c, [7, 1]],
      ["branch7x7dbl_5", 192, [1, 7]],
    ]),
    [averagePool, ...chain(scope, "tower_2", [["branch_pool", 192]])],
  );
}

function blockD(scope: Scope): Concat {
  return concat(
    chain(scope, "tower", [
      ["branch3x3_1", 192],
      ["branch3x3_2", 320, [3, 3], 2],
    ]),
    chain(scope, "tower_1", [
      ["branch7x7x3_1", 192],
      ["branch7x7x3_2", 192, [1, 7]],
      ["branch7x7x3_3", 192, [7, 1]],
      ["branch7x7x3_4", 192, [3, 3], 2],
    ]),
    [maxPool],
  );
}

/** The last two blocks differ in their pooling: average in Mixed_7b and, as in the graph of 2015, max in Mixed_7c. */
function blockE(scope: Scope, pool: Pool): Concat {
  const fork = (inputs: number, tower: string, name: string, first: number): Concat => {
    const inner = { ...scope, inputs };
    return concat(
      chain(inner, tower, [[`${name}a`, 384, [1, 3]]], first),
      chain(inner, tower, [[`${name}b`, 384, [3, 1]]], first + 1),
    );
  };
  return concat(
    chain(scope, "", [["branch1x1", 320]]),
    [...chain(scope, "tower", [["branch3x3_1", 384]]), fork(384, "tower", "branch3x3_2", 1)],
    [
      ...chain(scope, "tower_1", [
        ["branch3x3dbl_1", 448],
        ["branch3x3dbl_2", 384, [3, 3]],
      ]),
      fork(384, "tower_1", "branch3x3dbl_3", 2),
    ],
    [pool, ...chain(scope, "tower_2", [["branch_pool", 192]])],
  );
}

/**
 * The FID Inception network as data: convolutions, pooling and concatenations in order, and where features are taken.
 *
 * Source: Szegedy et al. 2015, arXiv 1512.00567, as in TensorFlow's graph of 2015-12-05.
 */
export const inceptionTable: readonly Step[] = [
  stem("Conv2d_1a_3x3", "conv", [3, 3, 32], { stride: 2 }),
  stem("Conv2d_2a_3x3", "conv_1", [3, 32, 32], {}),
  stem("Conv2d_2b_3x3", "conv_2", [3, 32, 64], { padding: "same" }),
  maxPool,
  tap(64),
  stem("Conv2d_3b_1x1", "conv_3", [1, 64, 80], {}),
  stem("Conv2d_4a_3x3", "conv_4", [3, 80, 192], {}),
  maxPool,
  tap(192),
  blockA({ name: "Mixed_5b", graph: "mixed", inputs: 192 }, 32),
  blockA({ name: "Mixed_5c", graph: "mixed_1", inputs: 256 }, 64),
  blockA({ name: "Mixed_5d", graph: "mixed_2", inputs: 288 }, 64),
  blockB({ name: "Mixed_6a", graph: "mixed_3", inputs: 288 }),
  blockC({ name: "Mixed_6b", graph: "mixed_4", inputs: 768 }, 128),
  blockC({ name: "Mixed_6c", graph: "mixed_5", inputs: 768 }, 160),
  blockC({ name: "Mixed_6d", graph: "mixed_6", inputs: 768 }, 160),
  blockC({ name: "Mixed_6e", graph: "mixed_7", inputs: 768 }, 192),
  tap(768),
  blockD({ name: "Mixed_7a", graph: "mixed_8", inputs: 768 }),
  blockE({ name: "Mixed_7b", graph: "mixed_9", inputs: 1280 }, averagePool),
  blockE({ name: "Mixed_7c", graph: "mixed_10", inputs: 2048 }, { ...maxPool, stride: 1, padding: "same" }),
  tap(2048),
];

function convolutionsOf(steps: readonly Step[]): Convolution[] {
  return steps.flatMap((step) => {
    if (step.kind === "convolution") return [step];
    return step.kind === "concat" ? step.branches.flatMap(convolutionsOf) : [];
  });
}

/** The convolutions needed for a feature width, in order. */
export function convolutionsFor(dims: FeatureSize): Convolution[] {
  const end = inceptionTable.findIndex((step) => step.kind === "tap" && step.dims === dims);
  return convolutionsOf(inceptionTable.slice(0, end));
}
