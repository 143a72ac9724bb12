import type { StartOptions } from "../commands/start.js";
import { numberIn } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { examples, optionsOf, withBackend, withShared } from "./shared.js";

export const addStart: Add = (program, context, start) => {
  withShared(withBackend(program.command("start")))
    .description("quick start: data, two minutes of training, samples, and the distance to the data before and after")
    .option("--data <place>", "real images: a dataset folder, or a folder of datasets")
    .option("--out <folder>", "run folder", "runs/quick-start")
    .option("--preset <id>", "what to train: a preset, or your own .json file", "vitgan-tiny")
    .option("--minutes <number>", "training time", numberIn("--minutes"), 2)
    .option("--steps <number>", "stop after this many steps", numberIn("--steps"))
    .option("--seed <number>", "random seed", numberIn("--seed"), 0)
    .option("--images <number>", "images per measurement", numberIn("start --images"), 500)
    .option("--inception <file>", "weights of the FID Inception network: a .pth file or a folder of .dat files")
    .option("--no-cache", "recompute the statistics of the real images, and do not cache them")
    .option("--fresh", "start again even if a finished run exists", false)
    .addHelpText("after", examples(["ganymede start", "ganymede start --data ./photos --minutes 10 --fresh"]))
    .action((options) =>
      start(async () => {
        const { startCommand } = await import("../commands/start.js");
        return startCommand(optionsOf<StartOptions>(options), context);
      }),
    );
};
