import type { Extractor } from "../contracts/extractor.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { wordStream } from "../random/bits.js";
import { fold, key } from "../random/key.js";
import { expectAllClose } from "./expect-all-close.js";
import { demand } from "./fail.js";

/** Images and tolerance of an extractor's check. */
export interface ExtractorCheck {
  /** Side of the square images. Default: 32. */
  readonly side?: number;
  /** Relative tolerance of features that should be equal. Default: 1e-4. */
  readonly tolerance?: number;
}

const noise = (seed: number, count: number): Uint8Array => {
  const next = wordStream(fold(key(seed), "pixels"));
  return Uint8Array.from({ length: count }, () => next() % 256);
};

/** Checks that features of single images equal those of the batch. */
async function checkRows(
  compute: (images: Uint8Array, count: number, channels: number) => Promise<Float32Array>,
  width: number,
  { side, tolerance }: Required<ExtractorCheck>,
  who: string,
): Promise<void> {
  const size = side * side * 3;
  const images = noise(1, 3 * size);
  const all = await compute(images, 3, 3);
  demand(all.length === 3 * width, who, `3 images must have ${3 * width} features, got ${all.length}`);
  demand(all.every(Number.isFinite), who, "its features must be finite");
  const close = { relative: tolerance, absolute: tolerance * Math.max(...all.map(Math.abs)) };
  await expectAllClose(await compute(images, 3, 3), all, close, `${who}: the same images must have the same features`);
  for (let i = 0; i < 3; i++) {
    const alone = await compute(images.slice(i * size, (i + 1) * size), 1, 3);
    const rule = "features of an image must not depend on the others of its batch";
    await expectAllClose(alone, all.subarray(i * width, (i + 1) * width), close, `${who}: ${rule}`);
  }
  const [first, second] = [all.subarray(0, width), all.subarray(width, 2 * width)];
  const differs = first.some((value, i) => Math.abs(value - (second[i] as number)) > close.absolute);
  demand(differs, who, "different images must have different features");
  const grey = noise(2, side * side);
  const colour = Uint8Array.from({ length: size }, (_, i) => grey[Math.floor(i / 3)] as number);
  const rule = "a grey image must have the features of the same image in three equal channels";
  await expectAllClose(await compute(grey, 1, 1), await compute(colour, 1, 3), close, `${who}: ${rule}`);
}

async function expectRefused(run: () => Promise<unknown>, code: string, who: string, what: string): Promise<void> {
  const error = await run().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  demand(GanymedeError.is(error) && error.code === code, who, `it must reject ${what} with the code ${code}`);
}

/**
 * Checks a feature extractor: it has an id and widths, returns finite rows that depend only on the image, treats grey images as three
 * equal channels, and rejects anything but uint8 pixels of the given shape, and widths that it does not have.
 *
 * @param extractor an open extractor, which the caller disposes.
 * @throws GanymedeError `nonconforming` with the extractor and the first rule that it violates.
 */
export async function checkExtractor(
  extractor: Extractor,
  { side = 32, tolerance = 1e-4 }: ExtractorCheck = {},
): Promise<void> {
  const who = `feature extractor "${extractor.id}"`;
  const { dims, logits } = extractor;
  demand(extractor.id !== "" && extractor.preprocessing !== "", who, "it must have an id and a preprocessing");
  const ascends = dims.length > 0 && dims.every((width, i) => Number.isInteger(width) && width > (dims[i - 1] ?? 0));
  demand(ascends, who, `dims must be whole numbers in ascending order, got ${dims.join(", ")}`);
  const options = { side, tolerance };
  for (const width of dims) {
    await checkRows(
      (x, count, channels) => extractor.features(x, [count, side, side, channels], width),
      width,
      options,
      who,
    );
  }
  if (logits !== undefined) {
    const apply = logits.apply.bind(logits);
    await checkRows(
      (x, count, channels) => apply(x, [count, side, side, channels]),
      logits.width,
      options,
      `${who}, logits`,
    );
  }
  const [widest] = dims.slice(-1) as [number];
  const pixels = noise(3, side * side * 3);
  const features = (images: Uint8Array, width = widest) => extractor.features(images, [1, side, side, 3], width);
  await expectRefused(
    () => features(Float32Array.from(pixels) as never),
    "invalid-argument",
    who,
    "pixels that are not uint8",
  );
  await expectRefused(() => features(pixels.subarray(3)), "invalid-argument", who, "fewer pixels than in the shape");
  await expectRefused(() => features(pixels, widest + 1), "unsupported", who, "a width that is not in dims");
}
