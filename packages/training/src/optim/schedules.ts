import type { Progress, Schedule, ScheduleInputs } from "@ganymede/core";
import { defineComponent, GanymedeError } from "@ganymede/core";
import { nullable, real, record, scheduled, whole } from "@ganymede/core/config";
import * as tf from "@tensorflow/tfjs-core";

/** Length of a schedule, in steps or in real images. */
interface Length {
  readonly steps: number | null;
  readonly images: number | null;
}

const length = { steps: nullable(whole(1)), images: nullable(real({ above: 0 })) };
const unset: Length = { steps: null, images: null };

function only({ steps, images }: Length, who: string): number {
  if ((steps === null) === (images === null)) {
    throw new GanymedeError(
      "invalid-config",
      `${who}: a schedule must have a length in steps or in images, got ${steps === null ? "neither" : "both"}; set one of the two`,
    );
  }
  return (steps ?? images) as number;
}

/** min(1, (done + shift) / length). */
function share(size: Length, { step, images }: Progress, who: string, shift = 0): tf.Scalar {
  const done = size.steps === null ? images : step;
  return tf.minimum(tf.div(shift === 0 ? done : tf.add(done, shift), only(size, who)), 1) as tf.Scalar;
}

/** A constant value; a plain number is short for it. */
export const constant = defineComponent({
  id: "constant",
  source: "none",
  defaults: { value: 1 },
  settings: record({ value: real() }),
  create: ({ value }, _: ScheduleInputs): Schedule => ({ at: () => value, ends: [value] }),
});

const between = { defaults: { from: 1, to: 0, ...unset }, settings: record({ from: real(), to: real(), ...length }) };

/** from + (to - from) t with t = min(1, n / N), n steps or images before this update. */
export const linear = defineComponent({
  id: "linear",
  source: "none",
  ...between,
  create(settings, _: ScheduleInputs): Schedule {
    only(settings, "linear");
    const { from, to } = settings;
    return {
      at: (progress) => tf.add(tf.mul(share(settings, progress, "linear"), to - from), from),
      ends: [from, to],
    };
  },
});

/**
 * to + (from - to) (1 + cos(pi t)) / 2 with t = min(1, n / N), n steps or images before this update.
 *
 * Source: Loshchilov and Hutter 2017, arXiv 1608.03983, equation 5, without restarts.
 */
export const cosine = defineComponent({
  id: "cosine",
  source: "https://arxiv.org/abs/1608.03983",
  ...between,
  create(settings, _: ScheduleInputs): Schedule {
    only(settings, "cosine");
    const { from, to } = settings;
    const half = (progress: Progress) =>
      tf.mul(tf.add(tf.cos(tf.mul(share(settings, progress, "cosine"), Math.PI)), 1), 0.5);
    return { at: (progress) => tf.add(tf.mul(half(progress), from - to), to), ends: [from, to] };
  },
});

/** min(1, (n + 1) / N) times another schedule: a linear warm-up from the first update on. */
export const warmUp = defineComponent({
  id: "warm-up",
  source: "https://arxiv.org/abs/1706.02677",
  defaults: { to: 1, ...unset },
  settings: record({ to: scheduled(real()), ...length }),
  create(settings, { schedule }: ScheduleInputs): Schedule {
    only(settings, "warm-up");
    const top = schedule(settings.to, "warm-up: to", real());
    return {
      at: (progress) => tf.mul(share(settings, progress, "warm-up", 1), top.at(progress)),
      ends: [0, ...top.ends],
    };
  },
});
