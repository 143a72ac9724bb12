import * as tf from "@tensorflow/tfjs-core";
import type { Context } from "../contracts/layer.js";
import { GanymedeError } from "../errors/ganymede-error.js";

/**
 * The vector of each image's class: rows of a table `[classes, width]` by the context's labels `[B]`, `[B, width]`.
 *
 * @param who named in errors, as `sagan discriminator`.
 * @throws GanymedeError `invalid-argument` without labels.
 */
export function classVectors(table: tf.Tensor2D, context: Context, who: string): tf.Tensor2D {
  if (context.labels === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: the context must carry labels, got none; give the class of each image`,
    );
  }
  return tf.gather(table, context.labels);
}
