import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { cifar10, cifar100 } from "./cifar-source.js";
import { imageFolder } from "./folder-source.js";
import { idx } from "./idx-source.js";
import { scenes } from "./scenes-source.js";

/** Every kind of data: `scenes`, `idx`, `cifar-10`, `cifar-100` and, last because its detection is the slowest, `folder`. */
export function data(): Plugin {
  return definePlugin({
    apiVersion: 1,
    name: "@ganymede/data",
    datasets: [scenes, idx, cifar10, cifar100, imageFolder],
  });
}
