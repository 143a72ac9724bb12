import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isSameProcess, processStart } from "./process-identity.js";
import { expectUnlocked, lockRun } from "./run-lock.js";

let folder = "";
let lockPath = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-lock-"));
  lockPath = join(folder, "run.lock");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** The id of a process that has ended. */
const deadProcess = (): number => spawnSync(process.execPath, ["-e", ""]).pid;

const holder = (changes: object) =>
  writeFile(
    lockPath,
    JSON.stringify({
      pid: process.pid,
      host: hostname(),
      started: null,
      since: "2026-01-01T00:00:00.000Z",
      ...changes,
    }),
  );

describe("lockRun", () => {
  it("is one at a time, and gives the folder back with nothing in it", async () => {
    const lock = await lockRun(folder);
    expect(JSON.parse(await readFile(lockPath, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
    await expect(lockRun(folder)).rejects.toMatchObject({
      code: "file-system",
      message: expect.stringMatching(new RegExp(`process ${process.pid} has held it since 20`)),
    });
    expect(() => expectUnlocked(folder)).toThrow(/one command at a time/);
    lock.release();
    lock.release();
    expect(await readdir(folder)).toEqual([]);
    (await lockRun(folder)).release();
  });

  it("removes the folders that it made where they stay empty, and no others", async () => {
    const deep = join(folder, "a", "b");
    (await lockRun(deep)).release();
    expect(await readdir(folder)).toEqual([]);
    const lock = await lockRun(deep);
    await writeFile(join(deep, "config.json"), "{}");
    lock.release();
    expect(await readdir(deep)).toEqual(["config.json"]);
  });

  it("replaces the lock of a process that ended, also where its id is used again", async () => {
    await holder({ pid: deadProcess(), started: processStart(process.pid) });
    (await lockRun(folder)).release();
    await holder({ started: "another boot 12" });
    const taken = lockRun(folder);
    if (processStart(process.pid) === null) await expect(taken).rejects.toThrow(/one command at a time/);
    else (await taken).release();
    await holder({ started: processStart(process.pid) });
    await expect(lockRun(folder)).rejects.toThrow(/one command at a time/);
  });

  it("respects another host, and a lock that cannot be read, and says what to remove", async () => {
    await holder({ pid: deadProcess(), host: "elsewhere" });
    await expect(lockRun(folder)).rejects.toThrow(
      /on host "elsewhere" .* cannot be checked from .*; choose another `out`, or remove .*run\.lock if that process has ended$/,
    );
    await writeFile(lockPath, "{");
    await expect(lockRun(folder)).rejects.toThrow(
      /does not name a process; if nothing is training there, remove .*run\.lock$/,
    );
    expect(await readFile(lockPath, "utf8")).toBe("{");
  });

  it("does not try forever where the lock is a link to nothing", async () => {
    await symlink(join(folder, "nowhere"), lockPath);
    await expect(lockRun(folder)).rejects.toMatchObject({
      code: "file-system",
      message: expect.stringContaining("its run.lock does not name a process"),
    });
  });

  it("does not release a lock that is no longer its own", async () => {
    const lock = await lockRun(folder);
    await rm(lockPath);
    await holder({ pid: 1 });
    lock.release();
    expect(existsSync(lockPath)).toBe(true);
  });

  it("removes what killed writes of runs left, and no other file", async () => {
    await mkdir(join(folder, "checkpoints"));
    await mkdir(join(folder, "samples"));
    const ours = [
      "config.json.12.tmp",
      "run.lock.12.tmp",
      "checkpoints/step-000012.safetensors.77.tmp",
      "samples/step-1000000.png.77.tmp",
    ];
    const others = ["checkpoints/step-000012.safetensors.tmp", "notes.txt.77.tmp", "samples/cat.png.77.tmp", "a.tmp"];
    for (const path of [...ours, ...others]) await writeFile(join(folder, path), "x");
    (await lockRun(folder)).release();
    expect([...ours, ...others].filter((path) => existsSync(join(folder, path)))).toEqual(others);
  });

  it("says in a sentence where nothing can be written", async () => {
    await writeFile(join(folder, "file"), "");
    await expect(lockRun(join(folder, "file", "run"))).rejects.toMatchObject({ code: "file-system" });
  });
});

describe("isSameProcess", () => {
  it.skipIf(process.platform !== "linux")(
    "does not take a process that ended for one that runs, though its parent waits",
    async () => {
      // The shell becomes a process that never asks for the end of its child.
      const parent = spawn("sh", ["-c", "sleep 0.01 & echo $!; exec sleep 60"], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      try {
        const pid = Number(
          await new Promise<string>((resolve) => parent.stdout.once("data", (data) => resolve(`${data}`))),
        );
        await expect.poll(() => isSameProcess(pid, null)).toBe(false);
      } finally {
        parent.kill("SIGKILL");
      }
    },
  );
});
