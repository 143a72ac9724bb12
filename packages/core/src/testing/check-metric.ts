import type { Metric, MetricState } from "../contracts/metric.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { wordStream } from "../random/bits.js";
import { fold, key } from "../random/key.js";
import { demand } from "./fail.js";

/** Images and tolerance of a metric's check. */
export interface MetricCheck {
  /** Side of the square images. Default: 32. */
  readonly side?: number;
  /** Images per set. Default: 32. */
  readonly count?: number;
  /** Tolerance of numbers that should be equal. Default: 1e-6. */
  readonly tolerance?: number;
}

/** Smooth random images around a grey level, uint8 `[count, side, side, 3]`. */
function images(seed: number, count: number, side: number, level: number): Uint8Array {
  const next = wordStream(fold(key(seed), "images"));
  const pixels = new Uint8Array(count * side * side * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(255, Math.max(0, level + (next() % 96) - 48));
  return pixels;
}

/**
 * Checks a metric: it counts its images, rejects anything but uint8 pixels of the given shape, depends on the generated images but not on
 * their batches, survives `save` and `load`, and (for a distance) finds a set closer to itself than to another.
 *
 * @throws GanymedeError `nonconforming` with the metric and the first rule that it violates.
 */
export async function checkMetric<State extends MetricState>(
  metric: Metric<State>,
  { side = 32, count = 32, tolerance = 1e-6 }: MetricCheck = {},
): Promise<void> {
  const who = `metric "${metric.id}"`;
  const size = side * side * 3;
  const fill = async (pixels: Uint8Array, batch: number): Promise<State> => {
    const state = metric.start();
    for (let first = 0; first < count; first += batch) {
      const length = Math.min(batch, count - first);
      await metric.add(state, pixels.subarray(first * size, (first + length) * size), [length, side, side, 3]);
    }
    return state;
  };
  const [near, far] = [images(1, count, side, 90), images(2, count, side, 170)];
  const [real, other] = [await fill(near, 8), await fill(far, 8)];
  demand(real.count === count, who, `it must count ${count} images, got ${real.count}`);

  const refuses = async (pixels: Uint8Array, what: string): Promise<void> => {
    const error = await metric.add(metric.start(), pixels, [1, side, side, 3]).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const typed = GanymedeError.is(error) && error.code === "invalid-argument";
    demand(typed, who, `it must reject ${what} with the code invalid-argument; call expectPixels in add`);
  };
  // Plain JavaScript can pass this; the types exclude it.
  await refuses(new Float32Array(size) as never, "pixels that are not uint8");
  await refuses(near.subarray(0, size - 3), "fewer pixels than in the shape");

  const value = metric.finish(real, other).value;
  demand(Number.isFinite(value), who, `its value must be finite, got ${value}`);
  const itself = metric.finish(real, real).value;
  demand(itself !== value, who, `it must depend on the generated images, got ${value} for two different sets`);
  const equal = (got: number, rule: string) =>
    demand(Math.abs(got - value) <= tolerance * Math.max(1, Math.abs(value)), who, `${rule}, got ${got} and ${value}`);
  equal(metric.finish(await fill(near, 5), await fill(far, 5)).value, "batches of 8 and of 5 must give the same value");
  const reloaded = [metric.load(metric.save(real)), metric.load(metric.save(other))] as const;
  equal(metric.finish(...reloaded).value, "saved and loaded statistics must give the same value");
  if (metric.better === "smaller") {
    demand(itself < value, who, `a set must be closer to itself than to another, got ${itself} and ${value}`);
  }
}
