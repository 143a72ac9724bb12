import koffi from "koffi";

export interface VulkanDevice {
  readonly name: string;
  /** True for a GPU emulated on the CPU. */
  readonly software: boolean;
}

const installDriver =
  "install the driver of your GPU (NVIDIA's own; for AMD and Intel: apt-get install libvulkan1 mesa-vulkan-drivers)";

/** Byte offsets in `VkPhysicalDeviceProperties` (Vulkan 1.3, section 5.1). */
const propertiesSize = 824;
const typeAt = 16;
const nameAt = 20;
const nameLength = 256;

/** `VkPhysicalDeviceType`, fastest first: discrete, integrated, virtual, other, CPU. */
const kinds = [2, 1, 3, 0, 4];
const softwareKind = 4;

interface Vulkan {
  readonly createInstance: (info: Uint8Array, allocator: null, instance: BigUint64Array) => number;
  readonly destroyInstance: (instance: bigint, allocator: null) => void;
  readonly enumerate: (instance: bigint, count: Uint32Array, devices: BigUint64Array | null) => number;
  readonly properties: (device: bigint, properties: Uint8Array) => void;
}

function loadVulkan(): Vulkan | undefined {
  try {
    const library = koffi.load("libvulkan.so.1");
    const pointer = "void *";
    return {
      createInstance: library.func("vkCreateInstance", "int", [pointer, pointer, pointer]) as Vulkan["createInstance"],
      destroyInstance: library.func("vkDestroyInstance", "void", [pointer, pointer]) as Vulkan["destroyInstance"],
      enumerate: library.func("vkEnumeratePhysicalDevices", "int", [pointer, pointer, pointer]) as Vulkan["enumerate"],
      properties: library.func("vkGetPhysicalDeviceProperties", "void", [pointer, pointer]) as Vulkan["properties"],
    };
  } catch {
    // No system includes the Vulkan loader by default.
    return undefined;
  }
}

function list(vulkan: Vulkan, instance: bigint): VulkanDevice[] {
  const count = new Uint32Array(1);
  vulkan.enumerate(instance, count, null);
  const devices = new BigUint64Array(count[0]!);
  if (devices.length > 0) vulkan.enumerate(instance, count, devices);
  const found = [...devices].map((device) => {
    const properties = new Uint8Array(propertiesSize);
    vulkan.properties(device, properties);
    const text = properties.subarray(nameAt, nameAt + nameLength);
    const name = new TextDecoder().decode(text.subarray(0, text.indexOf(0)));
    return { name, kind: new DataView(properties.buffer).getUint32(typeAt, true) };
  });
  found.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind));
  return found.map(({ name, kind }) => ({ name, software: kind === softwareKind }));
}

/** The GPUs of Vulkan drivers on Linux, fastest kind first, or why there are none and what to do. */
export function openVulkanDevices(): { readonly devices: readonly VulkanDevice[] } | { readonly reason: string } {
  const vulkan = loadVulkan();
  if (vulkan === undefined) return { reason: `libvulkan.so.1 is not installed; ${installDriver}` };
  // An empty `VkInstanceCreateInfo`; its first field is its type, 1.
  const info = new Uint8Array(64);
  info[0] = 1;
  const instance = new BigUint64Array(1);
  if (vulkan.createInstance(info, null, instance) !== 0) {
    return { reason: `no Vulkan driver works here; ${installDriver}` };
  }
  try {
    const devices = list(vulkan, instance[0]!);
    return devices.length > 0 ? { devices } : { reason: `Vulkan's drivers offer no GPU; ${installDriver}` };
  } finally {
    vulkan.destroyInstance(instance[0]!, null);
  }
}
