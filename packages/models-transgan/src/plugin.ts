import { definePlugin } from "@ganymede/core";
import type { TransganOptions } from "./family.js";
import { transganFamily } from "./family.js";

/** The family as a plugin. */
export const transgan = (options: TransganOptions = {}) =>
  definePlugin({ apiVersion: 1, name: "@ganymede/models-transgan", models: [transganFamily(options)] });
