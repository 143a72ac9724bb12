import { arithmetic } from "./arithmetic.js";
import { convolution } from "./convolution.js";
import { elementwise } from "./elementwise.js";
import { image } from "./image.js";
import type { LoweringTable } from "./lowering.js";
import { reduction } from "./reduction.js";
import { shape } from "./shape.js";

/** Every tfjs kernel that this backend runs. */
export const lowerings: LoweringTable = {
  ...arithmetic,
  ...elementwise,
  ...reduction,
  ...shape,
  ...convolution,
  ...image,
};

