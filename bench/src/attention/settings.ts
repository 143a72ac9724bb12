/** What any measuring process is told. */
export interface Limits {
  readonly threads: number;
  readonly rounds: number;
  /** No more rounds are begun once the timed ones took this long together. */
  readonly seconds: number;
  /** Peak that the process may reach. */
  readonly megabytes: number;
}

/** One variant of attention at one size, or a form of it in PyTorch: one sample, forward and backward. */
export interface VariantSettings extends Limits {
  /** Its id, or the name of a form in bench/pytorch/attention.py. */
  readonly variant: string;
  readonly tokens: number;
  readonly channels: number;
  readonly heads: number;
  /** Tokens of the memory that cross-attention reads. */
  readonly memoryTokens: number;
}

/** A sequence of blocks of attention and a linear map, forward and backward. */
export interface DepthSettings extends Limits {
  readonly form: "reversible" | "ordinary";
  readonly depth: number;
  readonly tokens: number;
  readonly channels: number;
  readonly heads: number;
}

export interface Measurement {
  /** Of every timed run. */
  readonly milliseconds: readonly number[];
  /** How much the process's peak grew while it ran. */
  readonly megabytes: number;
  /** Operations of matrix products and convolutions, counted from the graph; null where there is none. */
  readonly gigaflops: number | null;
}

/** What a measuring process prints, as one line of JSON: numbers, or why there are none. */
export type Answer = Measurement | { readonly reason: string };
