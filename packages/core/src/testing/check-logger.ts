import type { LogFiles, LoggedImage, Logger, LoggerComponent } from "../contracts/logger.js";
import type { Settings } from "./conforming.js";
import { calmly, conformingPart } from "./conforming.js";
import { demand, fail } from "./fail.js";

/** Numbers of one step as they were kept. */
export interface LoggedStep {
  readonly step: number;
  readonly values: Readonly<Record<string, number>>;
}

/** How what a logger wrote is read back. */
export interface LoggerCheck {
  /** Default: the component's defaults. */
  readonly settings?: Settings;
  /**
   * What a reader finds where the logger writes.
   *
   * @param files contents by their paths in the run folder.
   */
  read(files: ReadonlyMap<string, Uint8Array>): readonly LoggedStep[] | Promise<readonly LoggedStep[]>;
  /** True for one that writes no files, such as one that sends; it must do without a folder. Default: false. */
  readonly remote?: boolean;
  /** True for one that keeps the newest numbers only. Default: false. */
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

/** The numbers of a step; more of them where metrics are measured. */
const valuesOf = (step: number): Readonly<Record<string, number>> =>
  Object.freeze({ "loss/d": step + 0.5, "loss/g": -step, ...(step % 2 === 0 && { swd: 10 * step }) });

/** Logs steps from one to another, with everything that a run may show. */
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
  demand(String(steps) === String(wanted), who, `${when} steps ${wanted} must be there, each once, got ${steps}`);
  for (const { step, values } of found) {
    for (const [name, value] of Object.entries(valuesOf(step))) {
      // Formats may keep float32.
      const close = Math.abs((values[name] ?? Number.NaN) - value) <= 1e-6 * Math.abs(value);
      if (!close) fail(who, `${when} ${name} of step ${step} must be ${value}, got ${values[name]}`);
    }
  }
}

/**
 * What every logger must do: have all numbers of a run where its reader finds them once it is closed, numbers that come later too; go on with a run that was
 * killed after its checkpoint without doubling the steps that are taken again; close without having been told anything; leave alone
 * what it is shown.
 *
 * @throws GanymedeError `nonconforming` naming the logger and the first rule that it breaks.
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
  // Killed after step 3, with a checkpoint of step 2: step 3 is taken again.
  await session(await open(2), 3, 4, who);
  expectSteps(await check.read(contents), 4, check, "after a run that went on from step 2", who);
}
