import type { BenchOptions } from "../commands/bench.js";
import { numberIn } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { collect, examples, optionsOf, withBackend, withShared } from "./shared.js";

export const addBench: Add = (program, context, start) => {
  withShared(withBackend(program.command("bench")))
    .description("time training iterations of a preset on random images")
    .argument("[preset]", "a preset, see ganymede plugins; or a .json file, as for train", "vitgan-tiny")
    .option(
      "--batch <number>",
      "real images per update of the discriminator, like --set training.batch=",
      numberIn("--batch"),
    )
    .option("--steps <number>", "timed iterations", numberIn("--steps"), 10)
    .option("--set <key=value>", "change a setting of the model, or of training.* (repeatable)", collect, [])
    .option("--profile", "time per operator type, from the backend's profiler", false)
    .addHelpText(
      "after",
      examples(["ganymede bench vitgan-cifar10 --batch 32", "ganymede bench vitgan-cifar10 --batch 32 --profile"]),
    )
    .action((preset: string, options) =>
      start(async () => {
        const { benchCommand } = await import("../commands/bench.js");
        return benchCommand(preset, optionsOf<BenchOptions>(options), context);
      }),
    );
};
