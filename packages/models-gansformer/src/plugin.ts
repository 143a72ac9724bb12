import { definePlugin } from "@ganymede/core";
import type { GansformerOptions } from "./family.js";
import { gansformerFamily } from "./family.js";

/** The family. */
export const gansformer = (options: GansformerOptions = {}) =>
  definePlugin({ apiVersion: 1, name: "@ganymede/models-gansformer", models: [gansformerFamily(options)] });
