import type { ImportOptions } from "../commands/import.js";
import { numberIn } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { collect, examples, optionsOf, withBackend, withShared } from "./shared.js";

export const addImport: Add = (program, context, start) => {
  withShared(withBackend(program.command("import")))
    .description(
      "make a run folder from weights of the authors' own code (.pth or .safetensors); nothing in the file is executed",
    )
    .argument("<family>", "a family, a preset, or a .json file of one's own; see ganymede plugins")
    .argument("<file>", "a state dict, or a checkpoint that holds several")
    .option("--out <folder>", "run folder (default: runs/<family>-imported)")
    .option("--set <key=value>", "change a setting of the model, or of training.* (repeatable)", collect, [])
    .option("--seed <number>", "of what the file does not hold", numberIn("--seed"), 0)
    .addHelpText(
      "after",
      examples([
        "ganymede import transgan cifar_checkpoint --out runs/transgan",
        "ganymede import sagan-cifar10 generator.pth --out runs/sagan",
      ]),
    )
    .action((family: string, file: string, options) =>
      start(async () => {
        const { importCommand } = await import("../commands/import.js");
        return importCommand(family, file, optionsOf<ImportOptions>(options), context);
      }),
    );
};
