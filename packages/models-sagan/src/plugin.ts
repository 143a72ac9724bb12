import { definePlugin } from "@ganymede/core";
import type { SaganOptions } from "./family.js";
import { saganFamily } from "./family.js";

/** The family as a plugin. */
export const sagan = (options: SaganOptions = {}) =>
  definePlugin({ apiVersion: 1, name: "@ganymede/models-sagan", models: [saganFamily(options)] });
