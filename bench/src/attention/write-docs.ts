import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";

/** Puts text between the comments `<!-- name -->` and `<!-- /name -->` of a page. */
export function between(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`bench: the page must hold ${start} and ${end} behind it`);
  return `${page.slice(0, from + start.length)}\n\n${text}\n\n${page.slice(to)}`;
}

/** Writes tables into `attention.md` of a folder and the picture, as SVG and PNG, into its `images`. */
export async function writeDocs(
  folder: string,
  tables: Readonly<Record<string, string>>,
  picture: string,
): Promise<void> {
  const page = join(folder, "attention.md");
  const text = Object.entries(tables).reduce(
    (all, [name, table]) => between(all, name, table),
    await readFile(page, "utf8"),
  );
  await writeFile(page, text);
  await writeFile(join(folder, "images", "attention-cost.svg"), picture);
  const png = await sharp(Buffer.from(picture)).resize({ width: 1800 }).png({ palette: true, colours: 64 }).toBuffer();
  await writeFile(join(folder, "images", "attention-cost.png"), png);
}
