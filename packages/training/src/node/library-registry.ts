import type { Registry } from "@ganymede/core";
import { data } from "@ganymede/data/node";
import { metrics } from "@ganymede/metrics/node";
import { trainingPlugin } from "../plugin.js";
import { registryOf } from "../run/train-options.js";
import type { TrainOptions } from "./node-train-options.js";

/** Everything that this package registers, and the plugins of the options. */
export function libraryRegistry({ plugins = [], registry }: Pick<TrainOptions, "plugins" | "registry">): Registry {
  return registry ?? registryOf([trainingPlugin(), data(), metrics()], plugins);
}
