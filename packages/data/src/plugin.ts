import type { Plugin } from "@ganymede/core";
import { definePlugin } from "@ganymede/core";
import { scenes } from "./scenes/scenes.js";

/** The data that needs no files, for pages and workers; `@ganymede/data/node` has a plugin with every kind. */
export function data(): Plugin {
  return definePlugin({ apiVersion: 1, name: "@ganymede/data", datasets: [scenes] });
}
