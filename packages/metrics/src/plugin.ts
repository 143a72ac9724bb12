import { definePlugin, type Plugin } from "@ganymede/core";
import { consecutiveScore, fid, kid, prdc, score, swd } from "./components.js";

/**
 * All metrics. Their default extractor, `inception`, reads files and is in the plugin of `@ganymede/metrics/node`; elsewhere a plugin must
 * provide an extractor.
 */
export function metrics(): Plugin {
  return definePlugin({
    apiVersion: 1,
    name: "@ganymede/metrics",
    metrics: [swd, fid, kid, prdc, score, consecutiveScore],
  });
}
