import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "@tensorflow/tfjs-backend-cpu";
import { checkLogger } from "@ganymede/core/testing";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { linearPlugin, linearPreset, smallImages } from "../fixtures/linear-family.js";
import { trackioServer } from "../fixtures/trackio-server.js";
import { train } from "../node/train.js";
import { trackio } from "./trackio.js";
import { trackioAddress } from "./trackio-client.js";

let folder = "";
beforeAll(async () => {
  await tf.setBackend("cpu");
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "ganymede-trackio-"));
  return () => rm(folder, { recursive: true });
});

const notes: string[] = [];
beforeEach(() => {
  notes.length = 0;
});

const terminal = { note: (text: string) => void notes.push(text), status: () => undefined };
const runWith = (settings: Parameters<typeof trackio>[0], more: object) =>
  train({
    preset: linearPreset,
    plugins: [linearPlugin()],
    data: smallImages(),
    out: join(folder, "red-run"),
    every: { log: 1, sample: 100, checkpoint: 2 },
    loggers: [trackio(settings)],
    context: { terminal: terminal as never },
    ...more,
  });
const logged = async () =>
  (await readFile(join(folder, "red-run", "metrics.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, number>);
const warnings = () => notes.filter((note) => note.startsWith("Warning"));

describe("trackio", () => {
  it("conforms to the kit, with a folder", async () => {
    const server = await trackioServer();
    const read = () => server.lines().map(({ step, metrics }) => ({ step, values: metrics }));
    await checkLogger(trackio, { settings: { url: server.url, interval: 0 }, read });
    await server.close();
  });

  it("sends every line of the log, under one id where a run goes on, with the token of its address", async () => {
    const server = await trackioServer();
    (await runWith({ url: server.url, project: "colours", interval: 3600 }, { steps: 3 })).dispose();
    (await runWith({ url: server.url, project: "colours", interval: 3600 }, { resume: true, steps: 5 })).dispose();
    const sent = server.lines();
    expect(sent.map(({ step, metrics }) => ({ step, ...metrics }))).toEqual(await logged());
    expect(new Set(sent.map(({ project, run }) => `${project}/${run}`))).toEqual(new Set(["colours/red-run"]));
    expect(new Set(sent.map(({ run_id }) => run_id)).size).toBe(1);
    expect(new Set(server.requests.map(({ path, token }) => `${path} ${token}`))).toEqual(
      new Set(["/api/bulk_log secret"]),
    );
    // Lines that came within the interval went together.
    expect(server.requests.length).toBeLessThan(sent.length);
    expect(warnings()).toEqual([]);
    await server.close();
  });

  it("trains while the server is away, says so once, keeps the lines, and sends them when the run goes on", async () => {
    const server = await trackioServer();
    const { port, url } = server;
    await server.close();
    (await runWith({ url, interval: 0 }, { steps: 3 })).dispose();
    expect(warnings()).toEqual([
      expect.stringMatching(
        /^Warning: trackio: http:\/\/127\.0\.0\.1:\d+\/ does not accept metrics \(.*ECONNREFUSED.*\); training continues/,
      ),
      expect.stringMatching(
        /^Warning: trackio: 3 lines could not be sent .*trackio-unsent\.jsonl and sent when the run is resumed$/,
      ),
    ]);
    const back = await trackioServer(port);
    (await runWith({ url, interval: 0 }, { resume: true, steps: 5 })).dispose();
    expect(back.lines().map(({ step }) => step)).toEqual([1, 2, 3, 4, 5]);
    expect(await readFile(join(folder, "red-run", "trackio-unsent.jsonl"), "utf8")).toBe("");
    await back.close();
  });

  it.each([
    [{ status: 503, body: "busy" }, /does not accept metrics/],
    [
      { status: 400, body: '{"error":"A write_token is required"}' },
      /\(it responds with status 400: A write_token is required\)/,
    ],
    [{ status: 200, body: '{"error":"database is locked"}' }, /\(it responds with status 200: database is locked\)/],
  ])("sends again what was answered with %j", async (answer, message) => {
    const server = await trackioServer();
    server.answers.push(answer);
    (await runWith({ url: server.url, interval: 0 }, { steps: 4 })).dispose();
    expect(server.lines().map(({ step }) => step)).toEqual([1, 2, 3, 4]);
    expect(warnings()).toEqual([expect.stringMatching(message)]);
    await server.close();
  });

  it("knows the address of a Space, and refuses what is no address", () => {
    expect(trackioAddress({ url: "", space: "Some_User/my.space" }).base).toBe("https://some-user-my-space.hf.space/");
    const inputs = { files: null, firstStep: 0, name: "run", note: () => undefined };
    expect(() => trackio({ url: "localhost" }).create(inputs)).toThrow(/^trackio: url must be an address such as/);
  });

  it("is received by trackio's own server", { timeout: 120_000 }, async ({ skip }) => {
    const python = process.env.GANYMEDE_PYTHON;
    try {
      if (python === undefined) throw new Error("GANYMEDE_PYTHON is not set");
      execFileSync(python, ["-c", "import trackio"], { stdio: "ignore" });
    } catch {
      skip("GANYMEDE_PYTHON names no Python that can import trackio");
    }
    const probe = createServer().listen(0, "127.0.0.1");
    await once(probe, "listening");
    const { port } = probe.address() as { port: number };
    probe.close();
    await once(probe, "close");
    const code = `
import sys, trackio
trackio.show(open_browser=False, block_thread=False, server_port=${port}, host="127.0.0.1")
print("ready", flush=True); sys.stdin.read()`;
    const environment = { ...process.env, TRACKIO_DIR: join(folder, "trackio"), TRACKIO_WRITE_TOKEN: "secret" };
    const child = spawn(python as string, ["-c", code], { env: environment, stdio: ["pipe", "pipe", "inherit"] });
    try {
      let said = "";
      while (!said.includes("ready")) said += String((await once(child.stdout, "data"))[0]);
      const url = `http://127.0.0.1:${port}/?write_token=secret`;
      (await runWith({ url, project: "colours" }, { steps: 3 })).dispose();
      (await runWith({ url, project: "colours" }, { resume: true, steps: 5 })).dispose();
      const response = await fetch(`http://127.0.0.1:${port}/api/get_logs`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ args: [], kwargs: { project: "colours", run: "red-run" } }),
      });
      const { data } = (await response.json()) as { data: readonly Record<string, number>[] };
      const wanted = await logged();
      expect(data.map((line) => line.step)).toEqual([1, 2, 3, 4, 5]);
      for (const [i, line] of wanted.entries()) expect(data[i]).toMatchObject(line);
      expect(warnings()).toEqual([]);
    } finally {
      child.kill();
    }
  });
});
