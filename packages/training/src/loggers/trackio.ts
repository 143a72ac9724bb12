import type { LogFiles, Logger, LoggerInputs } from "@ganymede/core";
import { defineComponent, GanymedeError } from "@ganymede/core";
import { nullable, real, record, text } from "@ganymede/core/config";
import type { TrackioLine } from "./trackio-client.js";
import { sendLines, trackioAddress } from "./trackio-client.js";

/** Settings of the logger `trackio`. */
export interface TrackioSettings {
  /** Address of the server, with `?write_token=...` unless `$TRACKIO_WRITE_TOKEN` is set. */
  readonly url: string;
  /** A Hugging Face Space `user/name` instead of a server; its token comes from `$HF_TOKEN`. */
  readonly space: string | null;
  readonly project: string;
  /** Name of the run. Default: the name of its folder. */
  readonly run: string | null;
  /** Least number of seconds between two requests; lines in between are sent together. */
  readonly interval: number;
}

const unsentName = "trackio-unsent.jsonl";
const idName = "trackio.json";

/** Most lines per request. */
const batch = 500;

/** Longest wait between two attempts while the server is unreachable, in seconds. */
const longestWait = 60;

/** Attempts at the end of a run: seconds before each. */
const lastTries = [0, 1, 3] as const;

const seconds = (): number => performance.now() / 1000;
const sleep = (duration: number) => new Promise((resolve) => setTimeout(resolve, duration * 1000));

function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

const decode = (bytes: Uint8Array | null): string => new TextDecoder().decode(bytes ?? new Uint8Array(0));

/** Parses a line of JSON; undefined for a damaged line, which must not stop training. */
function parsed<Value>(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

/** Id of the run on the server, kept in the run folder, and the lines that earlier sessions could not send. */
async function openIdentity(
  files: LogFiles | null,
): Promise<{ readonly id: string; readonly unsent: readonly TrackioLine[] }> {
  if (files === null) return { id: randomId(), unsent: [] };
  const known = parsed<{ readonly id?: unknown }>(decode(await files.read(idName)))?.id;
  const id = typeof known === "string" ? known : randomId();
  if (id !== known) await files.replace(idName, `${JSON.stringify({ id })}\n`);
  const lines = decode(await files.read(unsentName)).split("\n");
  return { id, unsent: lines.flatMap((line) => parsed<TrackioLine>(line) ?? []) };
}

function create(settings: TrackioSettings, { files, name, note }: LoggerInputs): Logger {
  if (settings.space === null && !URL.canParse(settings.url)) {
    throw new GanymedeError(
      "invalid-config",
      `trackio: url must be an address such as http://127.0.0.1:7860, got "${settings.url}"; copy the one that trackio show prints`,
    );
  }
  const address = trackioAddress(settings);
  const { project, interval } = settings;
  const run = settings.run ?? name;
  let identity: ReturnType<typeof openIdentity> | undefined;
  let queue: TrackioLine[] = [];
  let isKept = false;
  let sending: Promise<boolean> | undefined;
  let failures = 0;
  let isTold = false;
  let nextTry = 0;

  const open = () => {
    identity ??= openIdentity(files).then((opened) => {
      queue.unshift(...opened.unsent);
      isKept = opened.unsent.length > 0;
      return opened;
    });
    return identity;
  };
  /** Writes unsent lines to disk, so that a killed run does not lose them. */
  const keep = async (): Promise<void> => {
    if (files === null || (queue.length === 0 && !isKept)) return;
    await files.replace(unsentName, queue.map((line) => `${JSON.stringify(line)}\n`).join(""));
    isKept = queue.length > 0;
  };
  /** Sends one request; false if the server did not accept it. */
  const send = async (): Promise<boolean> => {
    const lines = queue.slice(0, batch);
    const refusal = await sendLines(address, lines);
    if (refusal === null) {
      queue = queue.slice(lines.length);
      if (failures > 0 || isKept) await keep();
      failures = 0;
      nextTry = seconds() + interval;
      return true;
    }
    failures++;
    nextTry = seconds() + Math.min(longestWait, interval * 2 ** failures);
    if (!isTold)
      note(
        `Warning: trackio: ${address.base} does not accept metrics (${refusal}); training continues, they are kept and sent later`,
      );
    isTold = true;
    await keep();
    return false;
  };

  return {
    async scalars(step, values) {
      const { id } = await open();
      const metrics = { ...values };
      // Losses and metrics of one step are separate lines.
      const log_id = `${id}/${step}/${Object.keys(metrics).sort().join()}`;
      queue.push({ project, run, run_id: id, step, metrics, log_id });
      if (sending !== undefined || seconds() < nextTry) return;
      sending = send().finally(() => {
        sending = undefined;
      });
      // Training does not wait for it; `close` does.
      sending.catch(() => undefined);
    },
    async close() {
      await sending;
      if (identity === undefined) return;
      await identity;
      for (const wait of lastTries) {
        if (queue.length > 0) await sleep(wait);
        while (queue.length > 0 && (await send()));
      }
      if (queue.length === 0) return;
      const where = files === null ? "are lost" : `are kept in ${unsentName} and sent when the run is resumed`;
      note(`Warning: trackio: ${queue.length} lines could not be sent to ${address.base}; they ${where}`);
    },
  };
}

/**
 * Sends metrics to a trackio server over HTTP. Training never waits for it and never fails because of it. For a step that is repeated
 * after a resume, the server keeps the numbers that it got first.
 */
export const trackio = defineComponent({
  id: "trackio",
  source: "https://github.com/gradio-app/trackio",
  defaults: {
    url: "http://127.0.0.1:7860",
    space: null,
    project: "ganymede",
    run: null,
    interval: 5,
  } as TrackioSettings,
  settings: record({
    url: text,
    space: nullable(text),
    project: text,
    run: nullable(text),
    interval: real({ least: 0, most: 3600 }),
  }),
  create,
});
