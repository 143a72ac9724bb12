import type { CompareOptions } from "../commands/compare.js";
import { numberIn } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { collect, examples, optionsOf, withBackend, withShared } from "./shared.js";

export const addCompare: Add = (program, context, start) => {
  withShared(withBackend(program.command("compare")))
    .description("train variants of models with the same budget, and print a table of the results")
    .argument(
      "<variant...>",
      "name=preset,key=value,... each; a preset may be your own .json file, or a run's config.json",
    )
    .option("--data <place>", "real images: a dataset folder, an image folder, or scenes[:size[:seed]]")
    .option("--out <folder>", "folder for the run folders of the variants", "runs/compare")
    .option("--steps <number>", "budget of each variant in steps", numberIn("--steps"))
    .option("--images <number>", "budget of each variant in real images seen", numberIn("compare --images"))
    .option("--minutes <number>", "budget of each variant in minutes of training", numberIn("--minutes"))
    .option("--seed <number>", "random seed of all variants", numberIn("--seed"), 0)
    .option("--set <key=value>", "change a setting of all variants (repeatable)", collect, [])
    .option("--metric <id>", "metric before and after training (default: fid-192, or swd without Inception weights)")
    .option("--metric-images <number>", "images per measurement", numberIn("--metric-images"), 1000)
    .option("--inception <file>", "weights of the FID Inception network: a .pth file or a folder of .dat files")
    .option("--table <file>", "also write the table as Markdown")
    .addHelpText(
      "after",
      examples([
        "ganymede compare vitgan-tiny transgan-tiny sagan-tiny --minutes 10 --table table.md",
        "ganymede compare attention=skinny-tiny convolution=skinny-tiny,generator.fine.mixing=convolution --steps 1000",
      ]),
    )
    .action((variants: readonly string[], options) =>
      start(async () => {
        const { compareCommand } = await import("../commands/compare.js");
        return compareCommand(variants, optionsOf<CompareOptions>(options), context);
      }),
    );
};
