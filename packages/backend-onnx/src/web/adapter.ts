import type { Device } from "@ganymede/core";

/** Description of an adapter (WebGPU, section 4.5). */
export interface AdapterInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter?: boolean;
}

/** Names of software GPUs: those of Chrome, Mesa and Windows. */
const softwareNames = ["swiftshader", "llvmpipe", "lavapipe", "softpipe", "microsoft basic render"];

/** Name of an adapter's GPU; browsers often provide only the vendor and architecture. */
export function deviceOf({ vendor, architecture, device, description, isFallbackAdapter }: AdapterInfo): Device {
  const words = [vendor, architecture].filter((word) => word !== "").join(" ");
  const name = description || device || words || "unnamed GPU";
  const all = `${words} ${device} ${description}`.toLowerCase();
  if (isFallbackAdapter !== true && !softwareNames.some((software) => all.includes(software))) {
    return { name, autoSkipReason: null };
  }
  return {
    name: `${name}, a GPU in software`,
    autoSkipReason: "its GPU is one in software, far slower than the CPU's own engines",
  };
}
