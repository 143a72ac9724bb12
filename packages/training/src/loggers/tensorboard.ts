import type { Logger, LoggerInputs } from "@ganymede/core";
import { defineComponent } from "@ganymede/core";
import { flag, record } from "@ganymede/core/config";
import type { SummaryValue } from "./event-file.js";
import { startEvent, summaryEvent, versionEvent } from "./event-file.js";
import { expectFiles } from "./expect-files.js";
import { histogramOf } from "./histogram.js";

/** Settings of the logger `tensorboard`. */
export interface TensorboardSettings {
  /** Write sample grids. */
  readonly images: boolean;
  /** Write histograms of every parameter with each checkpoint, which reads all parameters once more. */
  readonly histograms: boolean;
}

const now = (): number => Date.now() / 1000;

function create({ images, histograms }: TensorboardSettings, { files, firstStep }: LoggerInputs): Logger {
  const disk = expectFiles(files, "tensorboard");
  let opening: Promise<string> | undefined;
  /** Each session writes its own file, which starts with the step that it continues from. */
  const open = async (): Promise<string> => {
    const stem = `tensorboard/events.out.tfevents.${Math.floor(now())}.ganymede`;
    let name = `${stem}.0`;
    for (let i = 1; (await disk.read(name)) !== null; i++) name = `${stem}.${i}`;
    const [version, start] = [versionEvent(now()), startEvent(now(), firstStep + 1)];
    const content = new Uint8Array(version.length + start.length);
    content.set(version);
    content.set(start, version.length);
    await disk.replace(name, content);
    return name;
  };
  const write = async (step: number, values: readonly SummaryValue[]): Promise<void> => {
    opening ??= open();
    await disk.append(await opening, summaryEvent(now(), step, values));
  };
  return {
    scalars: (step, values) =>
      write(
        step,
        Object.entries(values).map(([tag, scalar]) => ({ tag, scalar })),
      ),
    async image(step, tag, { width, height, channels, png }) {
      if (images && png !== undefined) await write(step, [{ tag, image: { width, height, channels, png } }]);
    },
    ...(histograms && {
      histogram: (step: number, tag: string, values: Float32Array) =>
        write(step, [{ tag, histogram: histogramOf(values) }]),
    }),
  };
}

/** Writes event files to the run's folder `tensorboard`, for `tensorboard --logdir runs`. A resumed run adds a file. */
export const tensorboard = defineComponent({
  id: "tensorboard",
  source: "https://github.com/tensorflow/tensorboard",
  defaults: { images: true, histograms: false },
  settings: record({ images: flag, histograms: flag }),
  create,
});
