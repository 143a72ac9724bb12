import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findLibrary } from "./find-library.js";

const folder = await mkdtemp(join(tmpdir(), "openvino-"));
const names: Partial<Record<NodeJS.Platform, string>> = {
  linux: "libopenvino_c.so.2641",
  darwin: "libopenvino_c.2641.dylib",
  win32: "openvino_c.dll",
};
const name = names[process.platform]!;

/** A file of the library's name, and nothing in it, in a folder that is made. */
async function place(...parts: string[]): Promise<string> {
  const target = join(folder, ...parts);
  await mkdir(target, { recursive: true });
  await writeFile(join(target, name), "");
  return target;
}

describe("findLibrary", () => {
  it("takes the file or the folder that the environment names", async () => {
    const named = await place("named");
    expect(await findLibrary({ GANYMEDE_OPENVINO: named })).toEqual({ path: join(named, name) });
    expect(await findLibrary({ GANYMEDE_OPENVINO: join(named, name) })).toEqual({ path: join(named, name) });
  });

  it("says what is wrong with a path, and looks nowhere else", async () => {
    await mkdir(join(folder, "empty"), { recursive: true });
    const at = async (path: string) =>
      await findLibrary({ GANYMEDE_OPENVINO: path, VIRTUAL_ENV: join(folder, "venv") });
    expect(await at(join(folder, "nowhere"))).toEqual({
      reason: expect.stringMatching(/nowhere, which does not exist; type `pip/),
    });
    expect(await at(join(folder, "empty"))).toEqual({
      reason: expect.stringMatching(/holds no OpenVINO C library; type `pip/),
    });
  });

  it("finds the package of a Python by its files", async () => {
    const windows = process.platform === "win32";
    const packages = windows ? ["Lib", "site-packages"] : ["lib", "python3.12", "site-packages"];
    const libs = await place("venv", ...packages, "openvino", "libs");
    expect(await findLibrary({ VIRTUAL_ENV: join(folder, "venv") })).toEqual({ path: join(libs, name) });
    const onPath = windows ? join(folder, "venv") : join(folder, "venv", "bin");
    expect(await findLibrary({ PATH: onPath })).toEqual({ path: join(libs, name) });
  });

  it("goes on where $GANYMEDE_PYTHON is no Python", async () => {
    const environment = { GANYMEDE_PYTHON: join(folder, "nowhere"), VIRTUAL_ENV: join(folder, "venv") };
    expect(await findLibrary(environment)).toHaveProperty("path");
  });
});
