import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { ParamTree } from "../tree/param-tree.js";
import type { Context } from "./layer.js";

/** The two halves of a generator whose latent enters as a style w: for truncation and walks in w. */
export interface GeneratorStyles<Generator extends ParamTree = ParamTree> {
  /** z `[B, latentSize]` to w `[B, D]`. */
  of(params: Generator, z: Tensor2D, context: Context): Tensor2D;
  /** w `[B, D]` to images `[B, H, W, C]`; after `of` it gives what the generator gives when sampling. */
  draw(params: Generator, w: Tensor2D, context: Context): Tensor4D;
  /** The same with one style per layer, `[B, L, D]`: for path-length regularisation and for mixing. Absent where one w serves all. */
  readonly layers?: {
    of(params: Generator, z: Tensor2D, context: Context): Tensor3D;
    draw(params: Generator, styles: Tensor3D, context: Context): Tensor4D;
  };
  /**
   * Where w starts with a latent for each of some components of the image, `[count, width]` numbers, which may come from different
   * images; what follows them belongs to the whole image. Absent where w is one vector.
   */
  readonly components?: { readonly count: number; readonly width: number };
}

/** Parameters of the two networks of a model. */
export interface NetworkParams {
  readonly generator: ParamTree;
  readonly discriminator: ParamTree;
}

/**
 * What a model can do beyond drawing and judging images. A model carries each of these members that it offers, and an objective term names
 * those that it needs. A package adds its own by declaration merging:
 *
 * ```ts
 * declare module "@ganymede/core" {
 *   interface Capabilities<Networks extends NetworkParams> {
 *     readonly depthMaps?: { apply(params: Networks["generator"], z: Tensor2D, context: Context): Tensor4D };
 *   }
 * }
 * ```
 */
export interface Capabilities<Networks extends NetworkParams> {
  readonly styles?: GeneratorStyles<Networks["generator"]>;
}

/** Name of a capability. */
export type Capability = keyof Capabilities<NetworkParams> & string;

/** What a capability's network gives. */
export type AnswersOf<Name extends Capability> =
  NonNullable<Capabilities<NetworkParams>[Name]> extends { apply(...inputs: never[]): infer Answers } ? Answers : never;
