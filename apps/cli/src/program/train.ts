import { Option } from "commander";
import type { TrainOptions } from "../commands/train.js";
import { numberIn } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { collect, examples, optionsOf, withBackend, withShared } from "./shared.js";

export const addTrain: Add = (program, context, start) => {
  withShared(withBackend(program.command("train")))
    .description("train a preset into a run folder, or resume a run")
    .argument(
      "[preset]",
      "a preset of a plugin or of ganymede.config.ts, see ganymede plugins; your own .json file, or a run's config.json",
    )
    .option("--data <place>", "real images: a dataset folder, an image folder, or scenes[:size[:seed]]")
    .option("--out <folder>", "run folder (default: runs/ and the preset's name)")
    .option("--steps <number>", "stop at this step", numberIn("--steps"))
    .option("--images <number>", "stop after this many real images", numberIn("train --images"))
    .option("--minutes <number>", "stop after this many minutes", numberIn("--minutes"))
    .option(
      "--batch <number>",
      "real images per update of the discriminator, like --set training.batch=",
      numberIn("--batch"),
    )
    .option("--seed <number>", "random seed (default: 0)", numberIn("--seed"))
    .option("--set <key=value>", "change a setting of the model, or of training.* (repeatable)", collect, [])
    .option(
      "--resume",
      "resume the run in --out, bit for bit; --set may change its optimizers' settings, clipping, EMA and batch",
      false,
    )
    .option("--dry-run", "print the resolved configuration, run all checks, and stop", false)
    .option(
      "--metric <ids>",
      "measure while training: swd, fid, fid-768, kid, prdc, is or a plugin's, comma-separated or as JSON with settings",
    )
    .option("--metric-every <steps>", "steps between measurements", numberIn("--metric-every"), 1000)
    .option("--metric-images <number>", "images per measurement", numberIn("--metric-images"), 1000)
    .option("--inception <file>", "weights of the FID Inception network: a .pth file or a folder of .dat files")
    .option("--no-cache", "recompute the statistics of the real images, and do not cache them")
    .option("--log-every <steps>", "steps between lines of metrics.jsonl (default: 10)", numberIn("--log-every"))
    .option("--sample-every <steps>", "steps between grids (default: 500)", numberIn("--sample-every"))
    .option("--checkpoint-every <steps>", "steps between checkpoints (default: 500)", numberIn("--checkpoint-every"))
    .option(
      "--log <logger>",
      "csv, tensorboard, trackio, or a plugin's, also as JSON with settings (repeatable)",
      collect,
      [],
    )
    .option("--callback <callback>", "a plugin's callback, also as JSON with settings (repeatable)", collect, [])
    .option("--keep <number>", "number of most recent checkpoints to keep", numberIn("--keep"), 3)
    .option("--keep-best <metric>", "also keep the best checkpoint by a metric of --metric")
    .addOption(
      new Option("--on-nan <action>", "after a non-finite loss: stop, or roll back and halve the learning rates")
        .choices(["stop", "rollback"])
        .default("stop"),
    )
    .addHelpText(
      "after",
      examples([
        "ganymede train vitgan-tiny --data scenes --minutes 10",
        "ganymede train vitgan-cifar10 --data ./cifar-10-batches-bin --out runs/cifar --steps 20000 --metric fid-768",
        "ganymede train vitgan-celeba64 --data ./faces --batch 16 --set training.optimizer.generator.learningRate=0.001 --dry-run",
        "ganymede train ./my-preset.json --data ./faces",
        "ganymede train runs/cifar/config.json --data ./faces --out runs/faces",
        "ganymede train --out runs/cifar --resume --steps 40000 --log tensorboard --log csv",
      ]),
    )
    .action((preset: string | undefined, options) =>
      start(async () => {
        const { trainCommand } = await import("../commands/train.js");
        return trainCommand(preset, optionsOf<TrainOptions>(options), context);
      }),
    );
};
