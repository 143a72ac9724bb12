import type { TrainOptions } from "../commands/train.js";
import { positiveNumber, wholeNumber } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { collect, examples, optionsOf, withBackend, withShared } from "./shared.js";

export const addTrain: Add = (program, context, start) => {
  withShared(withBackend(program.command("train")))
    .description("train a preset into a run folder, or go on with a run")
    .argument("[preset]", "a preset; see ganymede plugins")
    .option("--data <place>", "real images: a dataset folder, an image folder, or scenes[:size[:seed]]")
    .option("--out <folder>", "run folder (default: runs/<preset>)")
    .option("--steps <number>", "stop at this step", wholeNumber("--steps", 1))
    .option("--images <number>", "stop after so many images were shown", wholeNumber("--images", 1))
    .option("--minutes <number>", "stop after so many minutes", positiveNumber("--minutes"))
    .option("--batch <number>", "images per step, as --set training.batch=", wholeNumber("--batch", 1))
    .option("--seed <number>", "the run is a function of it (default: 0)", wholeNumber("--seed", 0))
    .option("--set <key=value>", "change a setting of the model, or of training.* (repeatable)", collect, [])
    .option("--resume", "go on with the run in --out, bit for bit", false)
    .option("--dry-run", "print the resolved configuration and stop", false)
    .option("--metric <id>", "measure while training: fid-64, -192, -768, -2048, kid-..., prdc-..., is or swd")
    .option("--metric-every <steps>", "steps between measurements", wholeNumber("--metric-every", 1), 1000)
    .option("--metric-images <number>", "images per measurement", wholeNumber("--metric-images", 2), 1000)
    .option("--inception <file>", "weights of the FID Inception network: a .pth file or a folder of .dat files")
    .option("--log-every <steps>", "steps between lines of metrics.jsonl", wholeNumber("--log-every", 1), 10)
    .option("--sample-every <steps>", "steps between grids", wholeNumber("--sample-every", 1), 500)
    .option("--checkpoint-every <steps>", "steps between checkpoints", wholeNumber("--checkpoint-every", 1), 500)
    .option("--keep <number>", "checkpoints that stay on disk", wholeNumber("--keep", 1), 3)
    .addHelpText(
      "after",
      examples([
        "ganymede train vitgan-tiny --data scenes --minutes 10",
        "ganymede train vitgan-cifar10 --data ./cifar-10-batches-bin --out runs/cifar --steps 20000 --metric fid-768",
        "ganymede train vitgan-celeba64 --data ./faces --batch 16 --set training.learningRate.generator=0.001 --dry-run",
        "ganymede train --out runs/cifar --resume --steps 40000",
      ]),
    )
    .action((preset: string | undefined, options) =>
      start(async () => {
        const { trainCommand } = await import("../commands/train.js");
        return trainCommand(preset, optionsOf<TrainOptions>(options), context);
      }),
    );
};
