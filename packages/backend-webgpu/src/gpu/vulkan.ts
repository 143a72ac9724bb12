import { readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

type Environment = Readonly<Record<string, string | undefined>>;

const listed = (value: string | undefined): readonly string[] =>
  (value ?? "").split(delimiter).filter((part) => part !== "");

function manifestsIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith(".json"))
      .map((name) => join(folder, name));
  } catch {
    // A missing folder holds no driver.
    return [];
  }
}

/**
 * The manifests of Vulkan drivers that the Vulkan loader reads on Linux, in its order (Vulkan-Loader,
 * LoaderDriverInterface.md): the files in the environment variables, else those in the system's folders.
 */
export function vulkanDrivers(environment: Environment): readonly string[] {
  const named = listed(environment.VK_DRIVER_FILES ?? environment.VK_ICD_FILENAMES);
  if (named.length > 0) return named;
  const home = environment.HOME ?? "/";
  const roots = [
    environment.XDG_CONFIG_HOME ?? join(home, ".config"),
    ...listed(environment.XDG_CONFIG_DIRS ?? "/etc/xdg"),
    "/usr/local/etc",
    "/etc",
    environment.XDG_DATA_HOME ?? join(home, ".local/share"),
    ...listed(environment.XDG_DATA_DIRS ?? `/usr/local/share${delimiter}/usr/share`),
  ];
  const added = listed(environment.VK_ADD_DRIVER_FILES);
  return [...added, ...roots.flatMap((root) => manifestsIn(join(root, "vulkan", "icd.d")))];
}
