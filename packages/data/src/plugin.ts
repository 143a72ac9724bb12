import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { scenes } from "./scenes/scenes.js";

/** Data that needs no files, for browser pages and workers; the plugin of `@ganymede/data/node` has every kind. */
export function data(): Plugin {
  return definePlugin({ apiVersion: 1, name: "@ganymede/data", datasets: [scenes] });
}
