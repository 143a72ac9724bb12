import { oneOf, whole } from "./settings.js";

/** Settings of every family of square images, to be spread into its record. */
export const imageSettings = {
  /** Side of the square images in pixels. */
  imageSize: whole(1, 4096),
  /** 1 for grey, 3 for colour. */
  channels: oneOf(1, 3),
  /** Number of classes of a conditional model; 0 for an unconditional one. */
  classes: whole(0),
};
