import type { Dataset, DatasetOptions, DatasetSource } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";

/**
 * Opens a dataset path or spec with the first source that recognises it. The caller closes the dataset.
 *
 * @param place a folder, a file, or a spec such as `scenes:64`.
 * @throws GanymedeError `missing-file`, with the known kinds, if no source recognises it.
 */
export async function openDataset(
  sources: readonly DatasetSource[],
  place: string,
  options: DatasetOptions = {},
): Promise<Dataset> {
  for (const source of sources) if (await source.detect(place)) return source.open(place, options);
  const kinds = sources.map((source) => source.id).join(", ") || "none";
  throw new GanymedeError(
    "missing-file",
    `openDataset: "${place}" must be a path or spec of a known dataset kind (${kinds}), got none; check the path`,
  );
}
