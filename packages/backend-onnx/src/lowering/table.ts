import { arithmetic } from "./arithmetic.js";
import { convolution } from "./convolution.js";
import { dilations } from "./dilation.js";
import { einsums } from "./einsum.js";
import { elementwise } from "./elementwise.js";
import { fused } from "./fused.js";
import type { LoweringTable } from "./lowering.js";
import { normalization } from "./normalization.js";
import { order } from "./order.js";
import { pool } from "./pool.js";
import { reduction } from "./reduction.js";
import { resizing } from "./resize.js";
import { sampling } from "./sampling.js";
import { scattering } from "./scatter.js";
import { shape } from "./shape.js";
import { softmaxProducts } from "./softmax-product.js";
import { withTruth } from "./types.js";

/** Every tfjs kernel that this backend runs as a graph. */
export const lowerings: LoweringTable = withTruth({
  ...arithmetic,
  ...elementwise,
  ...reduction,
  ...shape,
  ...convolution,
  ...pool,
  ...resizing,
  ...normalization,
  ...fused,
  ...sampling,
  ...scattering,
  ...dilations,
  ...einsums,
  ...order,
  ...softmaxProducts,
});
