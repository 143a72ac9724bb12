/** Values of one array in row-major order. */
export interface NamedArray {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** How arrays of the authors' files become one leaf of ours, and back. */
export interface WeightLayout {
  /** How many of their arrays one of ours is made of. */
  readonly parts: number;
  read(theirs: readonly NamedArray[]): NamedArray;
  write(ours: NamedArray): readonly NamedArray[];
}

/** One leaf of a network and where the authors' files keep it. */
export interface WeightRule {
  /** Path of the leaf in the network's parameters, or in the state of its weight transform where `vectors` is true. */
  readonly ours: string;
  readonly vectors: boolean;
  /** Names in the state dict, as many as the layout has parts. */
  readonly theirs: readonly string[];
  readonly layout: WeightLayout;
}

/** All leaves of one network. */
export interface NetworkWeights {
  readonly rules: readonly WeightRule[];
  /** Names that the files hold besides and that mean nothing here, such as counters. */
  readonly ignored: readonly RegExp[];
  /** Paths of leaves that no file holds, as of a part that the authors never released: they stay as they start. None where left out. */
  readonly absent?: readonly RegExp[];
}

/** The names under which the authors of a family keep its weights. */
export interface ReferenceWeights<Config = unknown> {
  /** Address of the code whose state dicts these are. */
  readonly source: string;
  /** Throws `unsupported` for a configuration that the authors' code cannot express. */
  generator(config: Config): NetworkWeights;
  discriminator(config: Config): NetworkWeights;
  /** Where a checkpoint of several networks keeps each: names, as `gen_state_dict`, of which the first that is there is taken. */
  readonly places: {
    readonly generator: readonly string[];
    /** The averaged generator. */
    readonly average: readonly string[];
    readonly discriminator: readonly string[];
  };
}
