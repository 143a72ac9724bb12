import type { FeatureSize } from "@ganymede/metrics";

/** One operator and its sizes, as both engines run it. */
export type OperatorSettings = { readonly threads: number; readonly batch: number } & (
  | {
      readonly case: "attention" | "fused-attention" | "efficient-attention";
      readonly heads: number;
      readonly tokens: number;
      readonly width: number;
    }
  | { readonly case: "convolution"; readonly channels: number; readonly side: number }
  | {
      readonly case: "inception";
      readonly dims: FeatureSize;
      /** PyTorch's side with batch norm folded into the convolutions, as ours is; else as pytorch-fid has it. */
      readonly folded: boolean;
    }
);
