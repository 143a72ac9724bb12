import * as attention from "@ganymede/attention";
import type { AttentionPart } from "@ganymede/core";
import type { AttentionCheck } from "@ganymede/core/testing";

/** A variant small enough to check, and what the conformance kit must know of it. */
export interface Conformance {
  readonly variant: AttentionPart;
  readonly check: AttentionCheck;
}

const positions = { equivariant: false } as const;
const map = { grid: [4, 4], ...positions } as const;

/** Every variant by its id, with windows, kernels and features for a map of 4 x 4 or a few tokens. */
export const conformances: Readonly<Record<string, Conformance>> = Object.fromEntries(
  (
    [
      [attention.dotProduct(), {}],
      [attention.relative(), { grid: [2, 3], ...positions }],
      [attention.l2(), {}],
      [attention.releaseL2(), {}],
      [attention.releaseDotProduct(), {}],
      [attention.lipschitzL2(), {}],
      [attention.cosine(), {}],
      [attention.efficient(), {}],
      [attention.efficientL2(), {}],
      [attention.sagan(), { ...map, channels: 16 }],
      [attention.plainSagan(), { ...map, channels: 16 }],
      [attention.grid({ window: 2 }), map],
      [attention.window({ window: 2 }), map],
      [attention.shiftedWindow({ window: 2 }), map],
      [attention.axial(), map],
      [attention.localInit({ width: 1 }), positions],
      [attention.simplex(), { draws: true, masks: true, memoryChannels: 6 }],
      [attention.duplex(), { draws: true, masks: true, memoryChannels: 6 }],
      [attention.latentSelf(), { draws: true }],
      [attention.local({ kernel: 3 }), map],
      [attention.localPerChannel({ kernel: 3 }), map],
      [attention.neighbourhood({ kernel: 3 }), map],
      [attention.lsh({ bucketSize: 2 }), { draws: true, tokens: 8, anySize: false, ...positions }],
      [attention.fullQk(), {}],
      [attention.linearAttention(), {}],
      [attention.performer({ features: 6 }), {}],
      [attention.linformer({ rank: 3 }), { grid: [2, 3], ...positions }],
      [attention.nystrom({ landmarks: 2 }), { tokens: 6, ...positions }],
      [attention.cross(), { masks: true, memoryChannels: 6 }],
      [attention.setQueries({ queries: 3 }), {}],
    ] satisfies readonly (readonly [AttentionPart, AttentionCheck])[]
  ).map(([variant, check]) => [variant.id, { variant, check }]),
);
