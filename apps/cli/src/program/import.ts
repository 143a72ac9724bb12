import type { ImportOptions } from "../commands/import.js";
import { numberIn } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { collect, examples, optionsOf, withBackend, withShared } from "./shared.js";

export const addImport: Add = (program, context, start) => {
  withShared(withBackend(program.command("import")))
    .description(
      "create a run folder from weights of the authors' code (.pth or .safetensors); nothing in the file is executed",
    )
    .argument("<family>", "a family, a preset, or your own .json file; see ganymede plugins")
    .argument("<file>", "a state dict, or a checkpoint with several")
    .option("--out <folder>", "run folder (default: runs/<family>-imported)")
    .option("--set <key=value>", "change a setting of the model, or of training.* (repeatable)", collect, [])
    .option("--seed <number>", "random seed of what the file does not contain", numberIn("--seed"), 0)
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
