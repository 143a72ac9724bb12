import { GanymedeError } from "@ganymede/core";

export type Split = "train" | "test";

/** The images of a folder and their classes. */
export interface FolderLayout {
  /** Absent if the folder has no splits. */
  readonly split?: Split | undefined;
  /** Paths relative to the folder. */
  readonly files: readonly string[];
  readonly labels?: Uint16Array;
  readonly classNames?: readonly string[];
  /** What was skipped and why, with counts. */
  readonly leftOut: readonly string[];
}

const splitFolders: readonly { readonly split: Split; readonly name: RegExp }[] = [
  { split: "train", name: /^train(ing)?$/i },
  { split: "test", name: /^test(ing)?$/i },
  // Only if there is no test folder.
  { split: "test", name: /^val(id(ation)?)?$/i },
];

const mostClasses = 65_535;

/** The first folder of a path below `base`, or null for a file directly in it. */
function topOf(path: string, base: string): string | null {
  const end = path.indexOf("/", base.length);
  return end < 0 ? null : path.slice(base.length, end);
}

/** The common folder of all files, such as `photos/`, or an empty string. */
function commonFolder(files: readonly string[]): string {
  let base = "";
  for (;;) {
    const top = topOf(files[0] as string, base);
    if (top === null || isSplit(top) || !files.every((file) => topOf(file, base) === top)) return base;
    base += `${top}/`;
  }
}

function isSplit(name: string): boolean {
  return splitFolders.some((each) => each.name.test(name));
}

/**
 * Names of split folders, if there are at least two or nothing else. A single one among others is a class, such as `train`
 * among vehicles.
 */
function splitsIn(tops: ReadonlySet<string | null>): readonly string[] {
  const names = [...tops].filter((top) => top !== null && isSplit(top)) as string[];
  const others = [...tops].filter((top) => top !== null).length - names.length;
  return names.length > 1 || others === 0 ? names : [];
}

/**
 * A split: its name and its folder, ending in `/`. Default: train if it exists, else test.
 * Images next to a test folder are the train split if no folder is.
 */
function chooseSplit(folder: string, base: string, tops: ReadonlySet<string | null>, wish: Split | undefined) {
  for (const { split, name } of splitFolders) {
    if (wish !== undefined && wish !== split) continue;
    const found = [...tops].find((top) => top !== null && name.test(top));
    if (found !== undefined) return { split, base: `${base}${found}/`, deep: true };
    if (split === "train" && tops.has(null)) return { split, base, deep: false };
  }
  const got = [...tops].filter((top) => top !== null).join(", ");
  throw new GanymedeError(
    "missing-file",
    `${folder}: the ${wish} split must be in a folder of this name, got only ${got}; add it or choose the other split`,
  );
}

/** A count and its noun, inserted before the `*`: `2 links to nothing` from `link* to nothing`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun.replace("*", count === 1 ? "" : "s")}`;
}

/** Names of class folders, at least two, unless they are numbered shards as in FFHQ's and StyleGAN's folders. */
function classFolders(files: readonly string[], base: string): readonly string[] {
  const names = [...new Set(files.map((file) => topOf(file, base)).filter((top) => top !== null))].sort();
  return names.length < 2 || names.every((name) => /^\d{5}$/.test(name)) ? [] : names;
}

/** Labels from a file: StyleGAN's `dataset.json`. */
export interface ListedLabels {
  /** Folder of the file, ending in `/`, or an empty string. */
  readonly base: string;
  /** Class by path relative to it; null if the file declares none. */
  readonly classes: ReadonlyMap<string, number> | null;
}

/** Finds the labels listed in `base`, or in the nearest folder above it with such a file; null if there is none. */
export type FindListedLabels = (base: string) => Promise<ListedLabels | null>;

function byList(pictures: readonly string[], files: readonly string[], { base, classes }: ListedLabels): FolderLayout {
  if (classes === null) return { files, leftOut: [] };
  const present = new Set(pictures);
  const absent = [...classes.keys()].filter((path) => !present.has(base + path)).length;
  // A dataset that was extracted or copied only in part.
  const notes = absent === 0 ? [] : [`${plural(absent, "image*")} of ${base}dataset.json, not found`];
  const labels = files.map((file) => classes.get(file.slice(base.length)));
  const missing = labels.filter((label) => label === undefined).length;
  if (missing === 0) return { files, labels: Uint16Array.from(labels as number[]), leftOut: notes };
  return { files, leftOut: [`all classes, because ${base}dataset.json lacks ${plural(missing, "image*")}`, ...notes] };
}

function byFolder(files: readonly string[], base: string, classNames: readonly string[]): FolderLayout {
  const inClasses = files.filter((file) => topOf(file, base) !== null);
  const strays = files.length - inClasses.length;
  if (classNames.length === 0 || strays >= inClasses.length) return { files, leftOut: [] };
  if (classNames.length > mostClasses) {
    return { files, leftOut: [`all classes, because ${classNames.length} folders are more than ${mostClasses}`] };
  }
  const numbers = new Map(classNames.map((name, i) => [name, i]));
  return {
    files: inClasses,
    classNames,
    labels: Uint16Array.from(inClasses, (file) => numbers.get(topOf(file, base) as string) as number),
    leftOut: strays === 0 ? [] : [`${plural(strays, "image* beside the class folders")}`],
  };
}

/**
 * Determines the layout of a folder from the paths of its images. One of several splits is chosen. Classes come from a
 * `dataset.json`, else from the top folders; images next to those are skipped if most are inside them.
 *
 * @throws GanymedeError `missing-file` if the folder has splits but not the requested one.
 */
export async function readLayout(
  folder: string,
  pictures: readonly string[],
  wish: Split | undefined,
  findLabels: FindListedLabels,
): Promise<FolderLayout> {
  const common = commonFolder(pictures);
  const tops = new Set(pictures.map((file) => topOf(file, common)));
  const splits = splitsIn(tops);
  const { split, base, deep } =
    splits.length === 0 ? { base: common, deep: true } : chooseSplit(folder, common, tops, wish);
  const files = pictures.filter((file) => file.startsWith(base) && (deep || topOf(file, base) === null));
  const list = await findLabels(base);
  const layout =
    list === null
      ? byFolder(files, base, classesOf(pictures, files, base, splits, common))
      : byList(pictures, files, list);
  if (split === undefined) return layout;
  const others = pictures.length - files.length;
  const note = others === 0 ? [] : [`${plural(others, "image*")} outside ${base === "" ? "the folder itself" : base}`];
  return { ...layout, split, leftOut: [...note, ...layout.leftOut] };
}

/** Class names over all splits, so that a class has the same number in each split. */
function classesOf(
  pictures: readonly string[],
  files: readonly string[],
  base: string,
  splits: readonly string[],
  common: string,
): readonly string[] {
  const folders = classFolders(files, base);
  if (folders.length === 0) return folders;
  const others = splits.map((name) => `${common}${name}/`);
  const names = others.flatMap((inside) =>
    classFolders(
      pictures.filter((file) => file.startsWith(inside)),
      inside,
    ),
  );
  return [...new Set([...folders, ...names])].sort();
}
