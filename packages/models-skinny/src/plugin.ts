import { definePlugin } from "@ganymede/core";
import type { SkinnyOptions } from "./family.js";
import { skinnyFamily } from "./family.js";

/** The family. */
export const skinny = (options: SkinnyOptions = {}) =>
  definePlugin({ apiVersion: 1, name: "@ganymede/models-skinny", models: [skinnyFamily(options)] });
