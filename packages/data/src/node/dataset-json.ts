import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { GanymedeError } from "@ganymede/core";
import type { ListedLabels } from "./folder-layout.js";
import { isFile } from "./list-files.js";

const mostClasses = 65_535;

function isEntry(entry: unknown): entry is readonly [string, number] {
  if (!Array.isArray(entry) || entry.length !== 2) return false;
  const [path, label] = entry as readonly unknown[];
  return typeof path === "string" && Number.isInteger(label) && Number(label) >= 0 && Number(label) <= mostClasses;
}

/**
 * Labels in the `dataset.json` of `base`, or of the nearest folder above it inside `folder`: `{"labels": null}` or
 * `{"labels": [[path, class], ...]}`. Null if there is none, or one without `labels`, which belongs to another program.
 *
 * Source: StyleGAN2-ADA, `dataset_tool.py`.
 *
 * @throws GanymedeError `invalid-data` if it is not JSON or its labels have another form.
 */
export async function readDatasetJson(folder: string, base: string): Promise<ListedLabels | null> {
  for (let at = base; ; at = at.replace(/[^/]*\/$/, "")) {
    const path = join(folder, at, "dataset.json");
    if (await isFile(path)) return parse(path, at, await readFile(path, "utf8"));
    if (at === "") return null;
  }
}

function parse(path: string, base: string, text: string): ListedLabels | null {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new GanymedeError("invalid-data", `${path} is not valid JSON; create it again or remove it`, {
      cause,
    });
  }
  if (typeof content !== "object" || content === null || !("labels" in content)) return null;
  const { labels } = content;
  if (labels === null) return { base, classes: null };
  if (!Array.isArray(labels) || !labels.every(isEntry)) {
    throw new GanymedeError(
      "invalid-data",
      `${path}: labels must be null or a list of [path, class] with classes 0 to ${mostClasses}, got something else; create it again or remove it`,
    );
  }
  return { base, classes: new Map(labels) };
}
