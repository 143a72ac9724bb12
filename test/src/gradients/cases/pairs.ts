import * as tf from "@tensorflow/tfjs-core";
import { type Case, define, positive } from "../case.js";

const alike = [
  [3, 4],
  [3, 4],
];
const stretched = [
  [2, 3, 1],
  [3, 4],
];

/** Functions of two tensors, element by element; axes of size 1 are stretched. */
export const pairs: readonly Case[] = [
  define("add", stretched, (a, b) => tf.add(a!, b!)),
  define("addN", [...alike, [3, 4]], (...xs) => tf.addN(xs)),
  define("atan2", alike, (a, b) => tf.atan2(a!, b!), { range: positive }),
  define("div", stretched, (a, b) => tf.div(a!, b!), { range: positive }),
  define("floorDiv", alike, (a, b) => tf.floorDiv(a!, b!), { range: positive }),
  define("maximum", stretched, (a, b) => tf.maximum(a!, b!)),
  define("minimum", stretched, (a, b) => tf.minimum(a!, b!)),
  define("mod", alike, (a, b) => tf.mod(a!, b!), { range: positive }),
  define("mul", stretched, (a, b) => tf.mul(a!, b!)),
  define("pow", alike, (a, b) => tf.pow(a!, b!), { range: positive }),
  define("prelu", alike, (x, alpha) => tf.prelu(x!, alpha!)),
  define("squaredDifference", stretched, (a, b) => tf.squaredDifference(a!, b!)),
  define("sub", stretched, (a, b) => tf.sub(a!, b!)),
  define("where", alike, (a, b) => tf.where(tf.greater(a!, b!), tf.square(a!), tf.square(b!))),
];
