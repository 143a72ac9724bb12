import type { Dataset, DatasetOptions, DatasetSource } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";

/**
 * Opens a place with the first source that says the place holds its kind of data. The caller closes the dataset.
 *
 * @param place a folder, a file, or a spec such as `scenes:64`.
 * @throws GanymedeError `missing-file` when no source knows the place, listing the kinds.
 */
export async function openDataset(
  sources: readonly DatasetSource[],
  place: string,
  options: DatasetOptions = {},
): Promise<Dataset> {
  for (const source of sources) if (await source.detect(place)) return source.open(place, options);
  const known = sources.map((source) => source.id).join(", ") || "none";
  throw new GanymedeError(
    "missing-file",
    `openDataset: "${place}" must be a place with data of a known kind (${known}), got none of them there; check the path`,
  );
}
