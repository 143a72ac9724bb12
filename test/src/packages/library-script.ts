import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import sharp from "sharp";
import { root } from "../workspace/packages.js";
import { run } from "./pack.js";

/** A folder of 24 photographs of noise. */
async function writePhotos(folder: string, seed: number): Promise<void> {
  await mkdir(folder);
  for (let i = 0; i < 24; i++) {
    const pixels = Uint8Array.from({ length: 40 * 40 * 3 }, (_, at) => ((at + seed) * (i + 7) * 31) % 251);
    const image = sharp(pixels, { raw: { width: 40, height: 40, channels: 3 } });
    await writeFile(join(folder, `${i}.png`), await image.png().toBuffer());
  }
}

/**
 * Compiles the script of a library's user with a strict compiler and runs it, in a project outside the workspace.
 *
 * @param metric what it measures by.
 * @param data folder where the weights of the metric's network are looked for.
 * @returns what it printed.
 */
export async function runLibraryScript(
  project: string,
  metric: string,
  data: string,
): Promise<Record<string, unknown>> {
  await writePhotos(join(project, "photos"), 0);
  await writePhotos(join(project, "other-photos"), 5);
  const script = await readFile(join(root, "test", "fixtures", "library-script.ts"), "utf8");
  const found = `cache: false, context: { environment: { GANYMEDE_DATA: ${JSON.stringify(data)} } }`;
  const adapted = script.replace("fid-64", metric).replace("cache: false", found);
  await writeFile(join(project, "library-script.ts"), adapted);
  const compilerOptions = { strict: true, module: "nodenext", target: "es2022", skipLibCheck: true, types: [] };
  const config = join(project, "tsconfig.library.json");
  await writeFile(config, JSON.stringify({ compilerOptions, files: ["library-script.ts"] }));
  await run(process.execPath, [join(root, "node_modules", "typescript", "bin", "tsc"), "-p", config], project);
  const print = `import { said } from "./library-script.js"; process.stdout.write(JSON.stringify(said));`;
  return JSON.parse(await run(process.execPath, ["--input-type=module", "--eval", print], project)) as Record<
    string,
    unknown
  >;
}
