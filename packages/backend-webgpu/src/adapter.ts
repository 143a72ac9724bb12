import type { AdapterInfo } from "./gpu/gpu.js";

/** Names of software GPUs: SwiftShader, Mesa's llvmpipe (lavapipe) and softpipe, Windows' WARP. */
const software = /swiftshader|llvmpipe|lavapipe|softpipe|microsoft basic render|\bwarp\b/i;

/** Adapter name for the user; browsers often provide only the vendor and architecture. */
export function adapterName({ vendor, architecture, device, description }: AdapterInfo): string {
  const name = [description, device].find((part) => part !== "") ?? [vendor, architecture].filter(Boolean).join(" ");
  return name === "" ? "unnamed GPU" : name;
}

/** True for a GPU emulated on the CPU: correct results, at a hundredth of the speed. */
export function isSoftware({ vendor, architecture, device, description, isFallbackAdapter }: AdapterInfo): boolean {
  return isFallbackAdapter === true || software.test([vendor, architecture, device, description].join(" "));
}
