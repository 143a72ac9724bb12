import type { LogFiles, LoggedImage, Logger, LoggerComponent } from "../contracts/logger.js";
import type { Settings } from "./conforming.js";
import { calmly, conformingPart } from "./conforming.js";
import { demand, fail } from "./fail.js";

/** Numbers of one step as read back. */
export interface LoggedStep {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** How to read back what a logger wrote. */
export interface LoggerCheck {
  /** Default: the component's defaults. */
  readonly settings?: Settings;
  /**
   * Parses the logged steps.
   *
   * @param files contents by path in the run folder.
   */
  read(files: ReadonlyMap<string, Uint8Array>): readonly LoggedStep[] | Promise<readonly LoggedStep[]>;
  /** True for a logger that writes no files, such as one that sends; it must work without a folder. Default: false. */
  readonly remote?: boolean;
  /** True for a logger that keeps only the newest numbers. Default: false. */
  readonly newest?: boolean;
}

function memoryFiles(contents: Map<string, Uint8Array>): LogFiles {
  const bytes = (content: Uint8Array | string) =>
    typeof content === "string" ? new TextEncoder().encode(content) : content.slice();
  return {
    read: async (name) => contents.get(name)?.slice() ?? null,
    async append(name, content) {
      const before = contents.get(name) ?? new Uint8Array(0);
      const added = bytes(content);
      const all = new Uint8Array(before.length + added.length);
      all.set(before);
      all.set(added, before.length);
      contents.set(name, all);
    },
    replace: async (name, content) => void contents.set(name, bytes(content)),
  };
}

const image: LoggedImage = { pixels: new Uint8Array(12).fill(99), width: 2, height: 2, channels: 3 };

/** Numbers of a step; includes metrics at some steps. */
const valuesOf = (step: number): Readonly<Record<string, number>> =>
  Object.freeze({ "loss/d": step + 0.5, "loss/g": -step, ...(step % 2 === 0 && { swd: 10 * step }) });

/** Logs a range of steps, with everything that a run may log. */
async function session(logger: Logger, from: number, to: number, who: string): Promise<void> {
  for (let step = from; step <= to; step++) {
    await calmly(() => logger.scalars(step, valuesOf(step)), who, "scalars");
    await calmly(() => logger.image?.(step, "samples", Object.freeze({ ...image })), who, "image");
    await calmly(() => logger.histogram?.(step, "generator/weight", Float32Array.of(-1, 0, 2)), who, "histogram");
  }
  await calmly(() => logger.close?.(), who, "close");
}

function expectSteps(
  found: readonly LoggedStep[],
  last: number,
  { newest = false }: LoggerCheck,
  when: string,
  who: string,
) {
  const wanted = newest ? [last] : Array.from({ length: last }, (_, i) => i + 1);
  const steps = found.map(({ step }) => step);
  demand(String(steps) === String(wanted), who, `${when} steps ${wanted} must be logged exactly once, got ${steps}`);
  for (const { step, values } of found) {
    for (const [name, value] of Object.entries(valuesOf(step))) {
      // Formats may store float32.
      const close = Math.abs((values[name] ?? Number.NaN) - value) <= 1e-6 * Math.abs(value);
      if (!close) fail(who, `${when} ${name} of step ${step} must be ${value}, got ${values[name]}`);
    }
  }
}

/**
 * Checks a logger: after `close` all numbers of a run can be read back, including names that first occur later; a run that resumes from a
 * checkpoint does not duplicate repeated steps; it can be closed unused; it does not change its arguments.
 *
 * @throws GanymedeError `nonconforming` with the logger and the first rule that it violates.
 */
export async function checkLogger(component: LoggerComponent, check: LoggerCheck): Promise<void> {
  const who = `logger "${component.id}"`;
  const part = conformingPart(component, check.settings ?? {}, who);
  const contents = new Map<string, Uint8Array>();
  const files = check.remote === true ? null : memoryFiles(contents);
  const open = (firstStep: number) =>
    calmly(() => part.create({ files, firstStep, name: "checked", note: () => undefined }), who, "create");
  const silent = await open(0);
  await calmly(() => silent.close?.(), who, "close of a run without a step");
  contents.clear();

  await session(await open(0), 1, 3, who);
  expectSteps(await check.read(contents), 3, check, "after a run of 3 steps", who);
  // Killed after step 3 with a checkpoint of step 2, so step 3 is repeated.
  await session(await open(2), 3, 4, who);
  expectSteps(await check.read(contents), 4, check, "after a run that resumed from step 2", who);
}
