import * as tf from "@tensorflow/tfjs-core";
import { GanymedeError } from "../errors/ganymede-error.js";

/**
 * Fixed sinusoidal encoding of a square grid, row-major: `[side side, width]`. Positions are projected onto directions at angles
 * 0, pi / n, ..; each projection t in [-1, 1] gives sin(t / 10000^(2 n i / width)) and then cosines, width / (2 n) of each.
 * With two directions they are the columns' and the rows'.
 *
 * Source: Hudson and Zitnick 2021, GANsformer, arXiv 2103.01209, section 3.1; dorarad/gansformer, encoding `sinus`.
 */
export function sinusoidalGrid(side: number, width: number, directions = 2): tf.Tensor2D {
  const frequencies = width / (2 * directions);
  if (!(Number.isInteger(frequencies) && frequencies > 0)) {
    throw new GanymedeError(
      "invalid-argument",
      `sinusoidalGrid: the width must be a multiple of twice the directions, got ${width} and ${directions}`,
    );
  }
  const at = (index: number) => (side === 1 ? -1 : -1 + (2 * index) / (side - 1));
  const values = Float32Array.from({ length: side * side * width }, (_, place) => {
    const [pixel, feature] = [Math.floor(place / width), place % width];
    const direction = Math.floor(feature / (2 * frequencies));
    const within = feature % (2 * frequencies);
    const angle = (Math.PI * direction) / directions;
    const along = at(pixel % side) * Math.cos(angle) + at(Math.floor(pixel / side)) * Math.sin(angle);
    const turned = along / 10000 ** ((2 * directions * (within % frequencies)) / width);
    return within < frequencies ? Math.sin(turned) : Math.cos(turned);
  });
  return tf.tensor2d(values, [side * side, width]);
}
