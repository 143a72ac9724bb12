import { oneOf, whole } from "./settings.js";

/** Settings that every family of square images has, to be spread into its record. */
export const imageSettings = {
  /** Side of the square images in pixels. */
  imageSize: whole(1, 4096),
  /** 1 for grey, 3 for colour. */
  channels: oneOf(1, 3),
  /** Number of classes that images are drawn and judged by; 0 for none. */
  classes: whole(0),
};
