import * as tf from "@tensorflow/tfjs-core";
import type { Context } from "../contracts/layer.js";
import { GanymedeError } from "../errors/ganymede-error.js";

/**
 * Class embedding: rows of a table `[classes, width]` selected by the context's labels `[B]`, `[B, width]`.
 *
 * @param who start of the error sentence, such as `sagan discriminator`.
 * @throws GanymedeError `invalid-argument` without labels.
 */
export function classEmbedding(table: tf.Tensor2D, context: Context, who: string): tf.Tensor2D {
  if (context.labels === undefined) {
    throw new GanymedeError(
      "invalid-argument",
      `${who}: the context must have labels, got none; pass the class of each image`,
    );
  }
  return tf.gather(table, context.labels);
}
