import { describe, expect, test } from "vitest";
import type { LogFiles, Logger, LoggerInputs } from "../contracts/logger.js";
import { withoutSettings } from "../fixtures/without-settings.js";
import { checkLogger } from "./check-logger.js";

describe("checkLogger", () => {
  const text = new TextDecoder();
  const lines = (bytes: Uint8Array | null | undefined) =>
    text
      .decode(bytes ?? new Uint8Array(0))
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  const disk = ({ files }: LoggerInputs) => files as LogFiles;
  const read = (files: ReadonlyMap<string, Uint8Array>) => lines(files.get("log.jsonl"));
  const line = (step: number, values: object) => `${JSON.stringify({ step, values })}\n`;
  /** A line per step; those that are taken again are taken out first. */
  const good = (inputs: LoggerInputs): Logger => {
    const begin = async () => {
      const kept = lines(await disk(inputs).read("log.jsonl")).filter(({ step }) => step <= inputs.firstStep);
      await disk(inputs).replace("log.jsonl", kept.map(({ step, values }) => line(step, values)).join(""));
    };
    let begun: Promise<void> | undefined;
    return {
      async scalars(step, values) {
        begun ??= begin();
        await begun;
        await disk(inputs).append("log.jsonl", line(step, values));
      },
    };
  };
  const check = (create: (inputs: LoggerInputs) => Logger) => checkLogger(withoutSettings(create), { read });

  test("right loggers conform: one line per step, the newest alone, and one that sends", async () => {
    await check(good);
    const newest = (inputs: LoggerInputs): Logger => ({
      scalars: (step, values) => disk(inputs).replace("log.jsonl", line(step, values)),
    });
    await checkLogger(withoutSettings(newest), { read, newest: true });
    const sent = new Map<number, object>();
    const sending = (): Logger => ({ scalars: (step, values) => void sent.set(step, { ...values }) });
    const seen = () => [...sent].map(([step, values]) => ({ step, values: values as Record<string, number> }));
    await checkLogger(withoutSettings(sending), { read: seen, remote: true });
  });

  const appending = (inputs: LoggerInputs): Logger => ({
    scalars: (step, values) => disk(inputs).append("log.jsonl", line(step, values)),
  });
  test.each<[string, (inputs: LoggerInputs) => Logger, RegExp]>([
    [
      "writes nothing",
      () => ({ scalars: () => undefined }),
      /after a run of 3 steps steps 1,2,3 must be logged exactly once, got $/,
    ],
    [
      "doubles steps of a run that goes on",
      appending,
      /resumed from step 2 steps 1,2,3,4 must be logged exactly once, got 1,2,3,3,4/,
    ],
    [
      "keeps a buffer for itself",
      (inputs) => {
        const inner = good(inputs);
        let waiting: [number, Readonly<Record<string, number>>] | undefined;
        return {
          async scalars(step, values) {
            if (waiting !== undefined) await inner.scalars(...waiting);
            waiting = [step, values];
          },
        };
      },
      /after a run of 3 steps steps 1,2,3 must be logged exactly once, got 1,2$/,
    ],
    [
      "knows the numbers of the first step only",
      (inputs) => {
        const inner = good(inputs);
        return {
          scalars: (step, { "loss/d": d = 0, "loss/g": g = 0 }) => inner.scalars(step, { "loss/d": d, "loss/g": g }),
        };
      },
      /swd of step 2 must be 20, got undefined/,
    ],
    [
      "changes what it is shown",
      (inputs) => ({
        scalars(step, values) {
          Object.assign(values as object, { step });
          return good(inputs).scalars(step, values);
        },
      }),
      /scalars must not throw, but throws: Cannot (add|define) property step/,
    ],
    [
      "cannot end a run without a step",
      (inputs) => {
        let written: string[] | undefined;
        const inner = good(inputs);
        return {
          scalars(step, values) {
            written = [...(written ?? []), String(step)];
            return inner.scalars(step, values);
          },
          close: () => void (written as string[]).length,
        };
      },
      /close of a run without a step must not throw/,
    ],
  ])("one that %s does not", async (_, create, message) => {
    await expect(check(create)).rejects.toThrow(message);
  });
});
