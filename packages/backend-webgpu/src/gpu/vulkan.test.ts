import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { vulkanDrivers } from "./vulkan.js";

it("finds what the loader would read", async () => {
  const home = await mkdtemp(join(tmpdir(), "ganymede-vulkan-"));
  const folder = join(home, "data", "vulkan", "icd.d");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "gpu.json"), "{}");
  await writeFile(join(folder, "readme.txt"), "");
  const nowhere = { HOME: join(home, "none"), XDG_CONFIG_DIRS: home };
  expect(vulkanDrivers({ ...nowhere, XDG_DATA_DIRS: join(home, "data") })).toContain(join(folder, "gpu.json"));
  expect(vulkanDrivers({ ...nowhere, XDG_DATA_DIRS: home })).not.toContain(join(folder, "gpu.json"));
  expect(vulkanDrivers({ ...nowhere, VK_ADD_DRIVER_FILES: "/a.json" })[0]).toBe("/a.json");
  expect(vulkanDrivers({ VK_ICD_FILENAMES: "/one.json:/two.json" })).toEqual(["/one.json", "/two.json"]);
  expect(vulkanDrivers({ VK_DRIVER_FILES: "/new.json", VK_ICD_FILENAMES: "/old.json" })).toEqual(["/new.json"]);
  await rm(home, { recursive: true });
});
