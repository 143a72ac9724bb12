import * as nn from "@ganymede/core/nn";
import * as tf from "@tensorflow/tfjs-core";
import { type Case, define, positive } from "../case.js";

const plane = [[3, 4]];
const inside = [-0.8, 0.8] as const;
const aboveOne = [1.2, 3] as const;

/** Functions of one tensor, element by element. */
export const elementwise: readonly Case[] = [
  define("abs", plane, tf.abs),
  define("acos", plane, tf.acos, { range: inside }),
  define("acosh", plane, tf.acosh, { range: aboveOne }),
  define("asin", plane, tf.asin, { range: inside }),
  define("asinh", plane, tf.asinh),
  define("atan", plane, tf.atan),
  define("atanh", plane, tf.atanh, { range: inside }),
  define("ceil", plane, tf.ceil),
  define("clipByValue", plane, (x) => tf.clipByValue(x!, -0.5, 0.5)),
  define("cos", plane, tf.cos),
  define("cosh", plane, tf.cosh),
  define("elu", plane, tf.elu),
  define("erf", plane, tf.erf),
  define("exp", plane, tf.exp),
  define("expm1", plane, tf.expm1),
  define("floor", plane, tf.floor),
  define("gelu", plane, nn.gelu),
  define("leakyRelu", plane, (x) => tf.leakyRelu(x!, 0.2)),
  define("log", plane, tf.log, { range: positive }),
  define("log1p", plane, tf.log1p, { range: positive }),
  define("logSigmoid", plane, tf.logSigmoid),
  define("neg", plane, tf.neg),
  define("reciprocal", plane, tf.reciprocal, { range: positive }),
  define("relu", plane, tf.relu),
  define("relu6", plane, (x) => tf.relu6(tf.mul(x!, 8))),
  define("round", plane, tf.round),
  define("rsqrt", plane, tf.rsqrt, { range: positive }),
  define("scaledLeakyRelu", plane, nn.scaledLeakyRelu),
  define("selu", plane, tf.selu),
  define("sigmoid", plane, tf.sigmoid),
  define("sign", plane, tf.sign),
  define("silu", plane, nn.silu),
  define("sin", plane, tf.sin),
  define("sinh", plane, tf.sinh),
  define("softplus", plane, tf.softplus),
  define("sqrt", plane, tf.sqrt, { range: positive }),
  define("square", plane, tf.square),
  define("step", plane, (x) => tf.step(x!, 0.2)),
  define("tan", plane, tf.tan),
  define("tanh", plane, tf.tanh),
];
