import type { SampleOptions } from "../commands/sample.js";
import { positiveNumber, share, wholeNumber } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { examples, optionsOf, withBackend, withShared } from "./shared.js";

export const addSample: Add = (program, context, start) => {
  withShared(withBackend(program.command("sample")))
    .description("draw images from the averaged generator of a run or a checkpoint")
    .argument("<run>", "a run folder, or one .safetensors checkpoint")
    .option(
      "--count <number>",
      "images, or rows of an interpolation (default: 64, or 8 rows)",
      wholeNumber("--count", 1),
    )
    .option("--seed <number>", "which images", wholeNumber("--seed", 0), 0)
    .option(
      "--truncation <bound>",
      "draw latents beyond this bound again: tamer images",
      positiveNumber("--truncation"),
    )
    .option("--psi <share>", "draw styles w towards their mean, by a share of 0 to 1", share("--psi"))
    .option("--out <path>", "PNG file, or folder with --single (default: samples.png, samples/)")
    .option("--single", "one PNG per image", false)
    .option("--interpolate <steps>", "rows from one image to another", wholeNumber("--interpolate", 2))
    .addHelpText(
      "after",
      examples([
        "ganymede sample runs/cifar --count 100 --seed 7 --out grid.png",
        "ganymede sample runs/cifar --psi 0.7 --out calm.png",
        "ganymede sample runs/cifar --single --count 10000 --out generated",
        "ganymede sample runs/cifar --interpolate 10 --count 4 --out strip.png",
      ]),
    )
    .action((run: string, options) =>
      start(async () => {
        const { sampleCommand } = await import("../commands/sample.js");
        return sampleCommand(run, optionsOf<SampleOptions>(options), context);
      }),
    );
};
