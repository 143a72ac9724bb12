import type { Backend } from "@ganymede/core";
import { describe, expect, it } from "vitest";
import { selectBackend } from "./select-backend.js";

function backend(id: string, priority: number, reason: string | null, activate = async () => {}): Backend {
  return { id, device: id, priority, compiled: false, unavailable: async () => reason, activate };
}

const none = () => undefined;

describe("selectBackend", () => {
  it("takes the available one of the highest priority and tells why others were skipped", async () => {
    const skipped: string[] = [];
    const all = [backend("slow", 1, null), backend("gpu", 9, "no driver; install one"), backend("fast", 5, null)];
    const taken = await selectBackend(all, "auto", (probe) =>
      skipped.push(`${probe.backend.id}: ${probe.unavailable}`),
    );
    expect([taken.id, skipped]).toEqual(["fast", ["gpu: no driver; install one"]]);
  });

  it("takes one that works only by name when it is named, never by itself", async () => {
    const inspect = async () => ({ name: "a GPU in software", autoSkipReason: "it is slow" });
    const all = [{ ...backend("gpu", 9, null), inspect }, backend("cpu", 1, null)];
    const skipped: string[] = [];
    const taken = await selectBackend(all, "auto", ({ device, autoSkipReason }) =>
      skipped.push(`${device}: ${autoSkipReason}`),
    );
    expect([taken.id, skipped]).toEqual(["cpu", ["a GPU in software: it is slow"]]);
    expect((await selectBackend(all, "gpu", none)).id).toBe("gpu");
  });

  it("takes one that starts slowly for trainings that are long enough alone, and by name", async () => {
    const slow = { ...backend("slow-start", 9, null), repaysAfter: { steps: 200, seconds: 60 } };
    const all = [slow, backend("fast", 5, null)];
    const endless = Number.POSITIVE_INFINITY;
    const taken = async (training?: { steps: number; seconds: number }): Promise<string> =>
      (await selectBackend(all, "auto", none, training === undefined ? {} : { training })).id;
    expect(await taken()).toBe("fast");
    expect(await taken({ steps: 199, seconds: endless })).toBe("fast");
    expect(await taken({ steps: endless, seconds: 59 })).toBe("fast");
    expect(await taken({ steps: 200, seconds: 60 })).toBe("slow-start");
    expect((await selectBackend(all, "slow-start", none)).id).toBe("slow-start");
  });

  it("never falls back from a named one", async () => {
    const all = [backend("gpu", 9, "no driver; install one"), backend("slow", 1, null)];
    await expect(selectBackend(all, "gpu", none)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("no driver; install one"),
    });
  });

  it("says so when it does not start", async () => {
    const broken = backend("gpu", 9, null, async () => {
      throw new Error("device lost");
    });
    await expect(selectBackend([broken], "auto", none)).rejects.toThrow(
      /^`backend: "gpu"`: the backend must start, but device lost/,
    );
  });

  it("starts the backend on as many threads as asked for, and refuses them where they cannot be chosen", async () => {
    const started: number[] = [];
    const on = (threads: number): Backend => ({
      ...backend("cpu", 1, null, async () => void started.push(threads)),
      withThreads: on,
    });
    await selectBackend([on(8)], "auto", none, { threads: 3 });
    await selectBackend([on(8)], "cpu", none);
    expect(started).toEqual([3, 8]);
    await expect(selectBackend([backend("gpu", 1, null)], "gpu", none, { threads: 3 })).rejects.toThrow(
      /^`threads`: the backend must support a choice of threads, but "gpu" does not/,
    );
  });

  it("lists what there is for an unknown name, and says so when nothing is available", async () => {
    await expect(selectBackend([backend("cpu", 1, null)], "tpuv4", none)).rejects.toMatchObject({
      code: "unknown-name",
    });
    await expect(selectBackend([backend("gpu", 1, "no")], "auto", none)).rejects.toThrow(
      /no backend is available; run ganymede backends/,
    );
  });
});
