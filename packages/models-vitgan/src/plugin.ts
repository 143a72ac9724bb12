import { definePlugin } from "@ganymede/core";
import type { VitganOptions } from "./family.js";
import { vitganFamily } from "./family.js";

/** The family. */
export const vitgan = (options: VitganOptions = {}) =>
  definePlugin({ apiVersion: 1, name: "@ganymede/models-vitgan", models: [vitganFamily(options)] });
