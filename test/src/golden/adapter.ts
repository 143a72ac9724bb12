import type { Tensor } from "@tensorflow/tfjs-core";
import type { GoldenFile } from "./golden-file.js";

/** What an adapter sees of a file: its tensors in the file's own layout. */
export interface Golden {
  readonly file: GoldenFile;
  /** A stored tensor, through which gradients flow when it is asked for them. */
  tensor<T extends Tensor = Tensor>(name: string): T;
  /** The same numbers as a constant. */
  constant<T extends Tensor = Tensor>(name: string): T;
  /** The stored numbers themselves, in float64 where the file has them so. */
  values(name: string): Float32Array | Float64Array | Int32Array | Uint8Array;
  has(name: string): boolean;
}

/** A module's outputs by the file's names; numbers instead of a tensor where float64 is asked for. */
export type Outputs = Readonly<Record<string, Tensor | ArrayLike<number>>>;

/** Rebuilds a module from a file's config and weights, and computes its outputs in the file's layout. */
export type Adapter = (golden: Golden) => Outputs;
