import { isAbsolute, resolve } from "node:path";
import type { Extractor, ExtractorInputs, ExtractorUse } from "@ganymede/core";
import { defineComponent, GanymedeError } from "@ganymede/core";
import { nullable, record, text } from "@ganymede/core/config";
import { type FoundInception, findInception } from "./find-inception.js";

interface InceptionSettings {
  /** The official file, or a folder with it or with the partial weights; null to search the data folders. */
  readonly weights: string | null;
}

function find({ weights }: InceptionSettings, { cwd, environment }: ExtractorInputs): Promise<FoundInception | null> {
  const from = (path: string) => (isAbsolute(path) ? path : resolve(cwd, path));
  const folders = [environment.GANYMEDE_DATA, "../shared/data"].flatMap((folder) => (folder ? [from(folder)] : []));
  return findInception({ dataFolders: folders, ...(weights !== null && { inception: from(weights) }) });
}

/** The FID Inception network, with weights from `--inception` or from the data folders. */
export const inception = defineComponent({
  id: "inception",
  source: "https://github.com/mseitzer/pytorch-fid",
  defaults: { weights: null } as InceptionSettings,
  settings: record({ weights: nullable(text) }),
  async needs(settings: InceptionSettings, inputs: ExtractorInputs, use: ExtractorUse): Promise<string | null> {
    const found = await find(settings, inputs);
    const what = "Inception weights: --inception or $GANYMEDE_DATA";
    if (found === null) return what;
    return use === "logits" && found.kind === "partial" ? `complete ${what}` : null;
  },
  async create(settings: InceptionSettings, inputs: ExtractorInputs): Promise<Extractor> {
    const found = await find(settings, inputs);
    if (found !== null) return found.open();
    throw new GanymedeError(
      "missing-file",
      "inception: no Inception weights were found; pass them with --inception, or put them into the folder of $GANYMEDE_DATA",
    );
  },
});
