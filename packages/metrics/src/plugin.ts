import { definePlugin, type Plugin } from "@ganymede/core";
import { consecutiveScore, fid, kid, prdc, score, swd } from "./components.js";

/**
 * All metrics. Their default extractor, `inception`, reads files and comes with the plugin of `@ganymede/metrics/node`; elsewhere a plugin
 * brings an extractor.
 */
export function metrics(): Plugin {
  return definePlugin({
    apiVersion: 1,
    name: "@ganymede/metrics",
    metrics: [swd, fid, kid, prdc, score, consecutiveScore],
  });
}
