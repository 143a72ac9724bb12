import type { Plugin } from "@ganymede/core";
import { metrics as everywhere } from "../plugin.js";
import { inception } from "./inception.js";

/** All metrics, and the FID Inception network, their default extractor. */
export function metrics(): Plugin {
  return { ...everywhere(), extractors: [inception] };
}
