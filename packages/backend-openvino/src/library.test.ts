import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openvinoBackend } from "./index.js";
import { isRecent } from "./library.js";

describe("openLibrary", () => {
  it.each([
    ["2026.4.1-22982-e213a147257-releases/2026/4", true],
    ["2026.4.0", true],
    ["2027.0.0-1", true],
    ["2026.3.9-1", false],
    ["2025.9.0-1", false],
    ["custom", false],
  ])("%s: %s", (version, recent) => {
    expect(isRecent(version)).toBe(recent);
  });

  it("says in one sentence why a file is no library, before and at the start", async () => {
    const path = join(await mkdtemp(join(tmpdir(), "openvino-")), "libopenvino_c.so");
    await writeFile(path, "not a library");
    const backend = openvinoBackend({ library: path });
    expect(await backend.unavailable()).toMatch(
      /^\S+ must be OpenVINO's C library, 2026\.4 or later, but does not load \(.*\); type `pip/,
    );
    await expect(backend.activate()).rejects.toMatchObject({ code: "unavailable" });
  });
});
