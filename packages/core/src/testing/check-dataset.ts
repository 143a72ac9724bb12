import type { Dataset, DatasetOptions, DatasetSource } from "../contracts/dataset.js";
import { GanymedeError } from "../errors/ganymede-error.js";
import { calmly } from "./conforming.js";
import { demand } from "./fail.js";

/** A dataset path or spec, and options for opening it. */
export interface DatasetCheck {
  /** A path or spec with at least two images. */
  readonly place: string;
  readonly options?: DatasetOptions;
  /** Two image sizes to request. Default: 8 and 16. */
  readonly sizes?: readonly [number, number];
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((value, i) => value === b[i]);

/** Checks reads by index: in the requested order, repeatable, into new memory. */
async function checkReads({ read, length, imageShape }: Dataset, who: string): Promise<void> {
  const bytes = imageShape[0] * imageShape[1] * imageShape[2];
  const last = length - 1;
  const pixels = await calmly(() => read([0, last, 0]), who, "read");
  demand(pixels instanceof Uint8Array, who, "read must return uint8 pixels");
  demand(pixels.length === 3 * bytes, who, `read of 3 images must return ${3 * bytes} bytes, got ${pixels.length}`);
  const alone = [await read([0]), await read([last])] as const;
  const [first, second, third] = [0, 1, 2].map((i) => pixels.slice(i * bytes, (i + 1) * bytes)) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  const inOrder = equal(first, alone[0]) && equal(second, alone[1]) && equal(third, alone[0]);
  demand(inOrder, who, "images must be in the order of the indices and not depend on the others");
  const before = (await read([0])).slice();
  (await read([0])).fill(7);
  demand(equal(await read([0]), before), who, "read must return new memory, because a caller may write to it");
  demand((await read([])).length === 0, who, "read of no indices must return no pixels");
  demand(equal(await read(Uint32Array.of(last)), alone[1]), who, "indices may be typed arrays");
}

function checkDescription(dataset: Dataset, { size, channels }: DatasetOptions, who: string): void {
  const { id, length, imageShape, labels, classNames } = dataset;
  demand(id !== "", who, "the data must have an id");
  demand(Number.isInteger(length) && length > 1, who, `there must be at least 2 images, got ${length}`);
  const fits = imageShape.length === 3 && imageShape.every((each) => Number.isInteger(each) && each > 0);
  demand(fits, who, `imageShape must be [H, W, C], got [${imageShape}]`);
  const [height, width, depth] = imageShape;
  const isSized = size === undefined || (height === size && width === size);
  demand(isSized, who, `images must be ${size} x ${size} if requested, got ${height} x ${width}`);
  demand(channels === undefined || depth === channels, who, `images must have ${channels} channels, got ${depth}`);
  if (labels === undefined) return;
  demand(labels.length === length, who, `there must be a label for each of ${length} images, got ${labels.length}`);
  const highest = Array.from(labels).reduce((most, label) => Math.max(most, label), 0);
  const named = classNames === undefined || classNames.length > highest;
  demand(named, who, `classNames must name every class, got ${classNames?.length} names for class ${highest}`);
}

/**
 * Checks a dataset source: it detects only its own paths, opens in the requested size and channels, describes its content, returns images by
 * index in any order, repeatably, in new memory, and has a stable fingerprint.
 *
 * @throws GanymedeError `nonconforming` with the source and the first rule that it violates.
 */
export async function checkDataset(
  source: DatasetSource,
  { place, options = {}, sizes = [8, 16] }: DatasetCheck,
): Promise<void> {
  const who = `dataset "${source.id}"`;
  demand(await source.detect(place), who, `detect must recognise its own path ${place}`);
  const nowhere = "no-such-place:of-any-kind";
  demand(!(await calmly(() => source.detect(nowhere), who, "detect")), who, `detect must not claim ${nowhere}`);
  const refusal = await source.open(nowhere, options).then(
    () => undefined,
    (error: unknown) => error,
  );
  demand(GanymedeError.is(refusal), who, "open must reject a foreign path with a GanymedeError");
  const [grey, colour] = sizes;
  const asked = [options, { ...options, size: grey, channels: 1 }, { ...options, size: colour, channels: 3 }] as const;
  for (const each of asked) {
    const dataset = await source.open(place, each);
    try {
      checkDescription(dataset, each, who);
      await checkReads({ ...dataset, read: dataset.read.bind(dataset) }, who);
      const again = await source.open(place, each);
      const same = (await dataset.fingerprint?.()) === (await again.fingerprint?.());
      await again.close?.();
      demand(same && again.id === dataset.id, who, "the same data opened twice must have one id and one fingerprint");
    } finally {
      await dataset.close?.();
    }
  }
}
