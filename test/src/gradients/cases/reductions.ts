import * as nn from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { type Case, define, positive } from "../case.js";

const block = [[2, 3, 4]];

/** Sums, extremes, norms and running sums. */
export const reductions: readonly Case[] = [
  define("cumprod", block, (x) => tf.cumprod(x!, 1), { order: 0 }),
  define("cumsum", block, (x) => tf.cumsum(x!, 1)),
  define("layerNormalize", block, (x) => nn.layerNormalize(x!, 1e-5)),
  define("logSoftmax", block, (x) => tf.logSoftmax(x!)),
  define("logSumExp", block, (x) => tf.logSumExp(x!, 2)),
  define("max", block, (x) => tf.max(tf.square(x!), 1), { range: positive }),
  define("mean", block, (x) => tf.mean(tf.square(x!), [0, 2])),
  define("min", block, (x) => tf.min(tf.square(x!), 1), { range: positive }),
  define("moments", block, (x) => tf.moments(x!, 2).variance),
  define("norm", block, (x) => tf.norm(x!, 2, 2)),
  define("pixelNorm", block, (x) => nn.pixelNorm(x!)),
  define("prod", block, (x) => tf.prod(x!, 1)),
  define("softmax", block, (x) => tf.softmax(x!)),
  define("sum", block, (x) => tf.sum(tf.square(x!), [0, 2])),
  define("topk", block, (x) => tf.topk(tf.square(x!), 2).values, { range: positive }),
  define("unitNorm", block, (x) => nn.unitNorm(x!)),
];
