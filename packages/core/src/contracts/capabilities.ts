import type { Tensor2D, Tensor3D, Tensor4D } from "@tensorflow/tfjs-core";
import type { ParamTree } from "../tree/param-tree.js";
import type { Context } from "./layer.js";

/** Mapping and synthesis of a generator with styles w: for truncation and interpolation in w. */
export interface GeneratorStyles<Generator extends ParamTree = ParamTree> {
  /** Mapping: z `[B, latentSize]` to w `[B, D]`. */
  mapping(params: Generator, z: Tensor2D, context: Context): Tensor2D;
  /** Synthesis: w `[B, D]` to images `[B, H, W, C]`; after `of` it equals the generator in inference mode. */
  synthesis(params: Generator, w: Tensor2D, context: Context): Tensor4D;
  /** The same with one style per layer, `[B, L, D]`: for path length regularisation and style mixing. Absent if one w serves all layers. */
  readonly layers?: {
    mapping(params: Generator, z: Tensor2D, context: Context): Tensor3D;
    synthesis(params: Generator, styles: Tensor3D, context: Context): Tensor4D;
  };
  /**
   * Layout of a w that starts with one latent per component of the image, `[count, width]` values, which can be exchanged between
   * images; the rest of w is global. Absent if w is one vector.
   */
  readonly components?: { readonly count: number; readonly width: number };
}

/** Parameters of the two networks of a model. */
export interface NetworkParams {
  readonly generator: ParamTree;
  readonly discriminator: ParamTree;
}

/**
 * Optional capabilities of a model beyond the generator and the discriminator. A model has a member for each capability that it offers, and
 * an objective term names those that it needs. A package adds its own by declaration merging:
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

/** Output of a capability's network. */
export type AnswersOf<Name extends Capability> =
  NonNullable<Capabilities<NetworkParams>[Name]> extends { apply(...inputs: never[]): infer Answers } ? Answers : never;
