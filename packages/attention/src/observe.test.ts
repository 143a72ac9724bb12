import type { AttentionPart, ObservedAttention, ParamTree } from "@ganymede/core";
import { inference, key, normal } from "@ganymede/core";
import { observingAttention } from "@ganymede/core/nn";
import { expectAllClose } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import "@tensorflow/tfjs-backend-cpu";
import { beforeAll, describe, expect, test } from "vitest";
import {
  attentionVariants,
  axial,
  cosine,
  dotProduct,
  efficient,
  efficientL2,
  fullQk,
  grid,
  l2,
  linearAttention,
  linformer,
  local,
  localPerChannel,
  lsh,
  neighbourhood,
  nystrom,
  onTokens,
  performer,
  plainSagan,
  relative,
  sagan,
  shiftedWindow,
  window,
} from "./index.js";

beforeAll(() => tf.setBackend("cpu"));

const [height, width, channels, heads, batch] = [4, 8, 16, 2, 2];
const tokens = height * width;
const options = { channels, heads, grid: [height, width] } as const;

interface Tried {
  readonly x: tf.Tensor3D;
  readonly params: ParamTree & Record<string, { readonly weight: tf.Tensor2D; readonly bias?: tf.Tensor1D }>;
  readonly y: tf.Tensor3D;
  readonly observed: readonly ObservedAttention[];
}

/** A self-attention over tokens or maps, run once on random tokens. */
function run(part: AttentionPart, seed = 1): Tried {
  const mixer = part.role === "map" ? onTokens(part) : part;
  if (mixer.role !== "self") throw new Error(`${part.id} is no self-attention`);
  const layer = mixer.create(options);
  const params = layer.init(key(seed));
  const x = normal<tf.Rank.R3>(key(2), [batch, tokens, channels]);
  const observed: ObservedAttention[] = [];
  const observing = observingAttention(inference, (attention) => observed.push(attention));
  const y = layer.apply(params, x, observing);
  return { x, params: params as Tried["params"], y, observed };
}

/** Tokens from what a row of each head gathers of the values: one query's output. */
function outputOf({ x, params }: Tried, row: tf.Tensor3D): tf.Tensor {
  const { value, output } = params;
  const plus = (y: tf.Tensor, bias: tf.Tensor1D | undefined) => (bias === undefined ? y : tf.add(y, bias));
  const values = plus(tf.matMul(tf.reshape(x, [-1, channels]), value!.weight), value!.bias);
  const split = tf.transpose(tf.reshape(values, [batch, tokens, heads, -1]), [0, 2, 1, 3]); // [B, H, N, D]
  const mixed = tf.reshape(tf.matMul(tf.expandDims(row, 2), split), [batch, -1]);
  return output === undefined ? mixed : plus(tf.matMul(mixed, output.weight), output.bias);
}

describe("a row of observed weights times the values is the query's output", () => {
  test.each([
    dotProduct(),
    relative(),
    efficient(),
    l2(),
    efficientL2(),
    cosine(),
    linearAttention(),
    performer({ features: 24 }),
    linformer({ rank: 8 }),
    nystrom({ landmarks: 8 }),
    fullQk(),
    lsh({ bucketSize: 4, rounds: 2 }),
    lsh({ bucketSize: 4, rounds: 2, acrossBuckets: false, duplicates: false }),
    window({ window: 4 }),
    shiftedWindow({ window: 4 }),
    grid({ window: 2 }),
    local({ kernel: 3, output: true }),
    local({ kernel: 5, border: "masked" }),
    neighbourhood({ kernel: 3 }),
    sagan({ pool: 1 }),
    plainSagan(),
  ] as AttentionPart[])("$id", async (part) => {
    const tried = run(part);
    expect(tried.observed).toHaveLength(1);
    const [observed] = tried.observed as [ObservedAttention];
    expect(observed).toMatchObject({ heads, queries: tokens, keys: tokens, queryGrid: options.grid });
    for (const query of [0, 11, tokens - 1]) {
      const expected = tf.slice3d(tried.y, [0, query, 0], [batch, 1, channels]);
      const close = { relative: 1e-4, absolute: 1e-5 };
      await expectAllClose(outputOf(tried, observed.row(query)), tf.reshape(expected, [batch, channels]), close);
    }
  });
});

test("axial attention reports its rows and its columns over the whole map", () => {
  const { observed } = run(axial() as AttentionPart);
  expect(observed).toHaveLength(2);
  const query = 2 * width + 5;
  const support = observed.map((each) => {
    const row = each.row(query).arraySync()[1]![1]!;
    expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
    return row.flatMap((value, token) => (value > 0 ? [token] : []));
  });
  expect(support[0]).toEqual(Array.from({ length: width }, (_, column) => 2 * width + column));
  expect(support[1]).toEqual(Array.from({ length: height }, (_, row) => row * width + 5));
});

test("local attention by channel has a map for each channel", async () => {
  const { observed, x, params, y } = run(localPerChannel({ kernel: 3 }) as AttentionPart);
  const row = observed[0]!.row(9); // [B, C, N]
  const values = tf.matMul(x, tf.broadcastTo<tf.Rank.R3>(params.value!.weight, [batch, channels, channels]));
  const mixed = tf.sum(tf.mul(row, tf.transpose(values, [0, 2, 1])), 2);
  const close = { relative: 1e-4, absolute: 1e-5 };
  await expectAllClose(mixed, tf.reshape(tf.slice3d(y, [0, 9, 0], [batch, 1, channels]), [batch, channels]), close);
});

test("pooled keys are a map of their own", () => {
  const [observed] = run(sagan() as AttentionPart).observed;
  expect(observed).toMatchObject({ queryGrid: [height, width], keyGrid: [height / 2, width / 2], keys: tokens / 4 });
});

test.each(attentionVariants.filter(({ role }) => role === "self" || role === "map").map(({ id }) => id))(
  "%s reports rows that are its weights",
  async (id) => {
    const variant = attentionVariants.find((each) => each.id === id)!;
    const settings = {
      lsh: { bucketSize: 4 },
      window: { window: 4 },
      "shifted-window": { window: 4 },
      local: { kernel: 3 },
      "local-per-channel": { kernel: 3 },
      neighbourhood: { kernel: 3 },
    };
    const chosen = { ...variant.defaults, ...settings[id as keyof typeof settings] };
    const part = {
      ...variant,
      create: (given: never) => variant.create(chosen as never, given),
    } as unknown as AttentionPart;
    const { observed } = run(part);
    expect(observed.length).toBeGreaterThan(0);
    for (const each of observed) {
      const row = each.row(3);
      expect(row.shape).toEqual([batch, each.heads, each.keys]);
      if (each.weights === undefined) continue;
      await expectAllClose(row, tf.reshape(tf.slice4d(each.weights, [0, 0, 3, 0], [-1, -1, 1, -1]), row.shape));
    }
  },
);
