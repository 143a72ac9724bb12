import type { StartOptions } from "../commands/start.js";
import { numberIn } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { examples, optionsOf, withBackend, withShared } from "./shared.js";

export const addStart: Add = (program, context, start) => {
  withShared(withBackend(program.command("start")))
    .description(
      "the quick start: data, two minutes of training, samples, and the distance to the data before and after",
    )
    .option("--data <place>", "real images: a dataset folder, or a folder of datasets")
    .option("--out <folder>", "run folder", "runs/quick-start")
    .option("--preset <id>", "what to train: a preset, or a .json file of one's own", "vitgan-tiny")
    .option("--minutes <number>", "training time", numberIn("--minutes"), 2)
    .option("--steps <number>", "stop after so many steps", numberIn("--steps"))
    .option("--seed <number>", "the run is a function of it", numberIn("--seed"), 0)
    .option("--images <number>", "images that are measured", numberIn("start --images"), 500)
    .option("--inception <file>", "weights of the FID Inception network: a .pth file or a folder of .dat files")
    .option("--no-cache", "compute the statistics of the real images again, and keep none")
    .option("--fresh", "begin again where a finished run is there", false)
    .addHelpText("after", examples(["ganymede start", "ganymede start --data ./photos --minutes 10 --fresh"]))
    .action((options) =>
      start(async () => {
        const { startCommand } = await import("../commands/start.js");
        return startCommand(optionsOf<StartOptions>(options), context);
      }),
    );
};
