/** Values of one array in row-major order. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Conversion between arrays of the authors' files and one leaf of ours. */
export interface WeightLayout {
  /** Number of their arrays per leaf. */
  readonly parts: number;
  read(theirs: readonly NamedArray[]): NamedArray;
  write(ours: NamedArray): readonly NamedArray[];
}

/** A leaf of a network and its names in the authors' files. */
export interface WeightRule {
  /** Path of the leaf in the network's parameters, or in the state of its weight transform if `vectors` is true. */
  readonly ours: string;
  readonly vectors: boolean;
  /** Names in the state dict, one per part of the layout. */
  readonly theirs: readonly string[];
  readonly layout: WeightLayout;
}

/** All leaves of one network. */
export interface NetworkWeights {
  readonly rules: readonly WeightRule[];
  /** Other names in the files that are ignored, such as counters. */
  readonly ignored: readonly RegExp[];
  /** Paths of leaves that are in no file, such as parts that the authors never released; they keep their initial values. Default: none. */
  readonly absent?: readonly RegExp[];
}

/** Names of a family's weights in the authors' files. */
export interface ReferenceWeights<Config = unknown> {
  /** URL of the code that wrote the state dicts. */
  readonly source: string;
  /** Throws `unsupported` for a configuration that the authors' code cannot express. */
  generator(config: Config): NetworkWeights;
  discriminator(config: Config): NetworkWeights;
  /** Names of each network in a checkpoint of several, such as `gen_state_dict`; the first that exists is used. */
  readonly places: {
    readonly generator: readonly string[];
    /** The EMA of the generator. */
    readonly average: readonly string[];
    readonly discriminator: readonly string[];
  };
}
