import type { AdapterInfo } from "./gpu/gpu.js";

/** Names under which GPUs in software go: SwiftShader, Mesa's llvmpipe (lavapipe) and softpipe, Windows' WARP. */
const software = /swiftshader|llvmpipe|lavapipe|softpipe|microsoft basic render|\bwarp\b/i;

/** The adapter's name for people; browsers often give no more than its maker and architecture. */
export function adapterName({ vendor, architecture, device, description }: AdapterInfo): string {
  const name = [description, device].find((part) => part !== "") ?? [vendor, architecture].filter(Boolean).join(" ");
  return name === "" ? "unnamed GPU" : name;
}

/** True where the CPU plays the GPU: right numbers, at a hundredth of the speed. */
export function isSoftware({ vendor, architecture, device, description, isFallbackAdapter }: AdapterInfo): boolean {
  return isFallbackAdapter === true || software.test([vendor, architecture, device, description].join(" "));
}
