import type { EvalOptions } from "../commands/eval.js";
import { numberIn } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { examples, optionsOf, withBackend, withShared, withStanding } from "./shared.js";

export const addEval: Add = (program, context, start) => {
  withStanding(withShared(withBackend(program.command("eval"))))
    .description("measure a run's samples, or a folder of images, against real images")
    .argument("<generated>", "a run folder, a checkpoint, or a dataset or image folder")
    .argument("[real]", "the real images (default: those that the run was trained on)")
    .option(
      "--metric <ids>",
      "swd, fid, fid-768, kid, prdc, is, is-consecutive or a plugin's, comma-separated or as JSON with settings (default: FID and swd)",
    )
    .option("--count <number>", "images per side", numberIn("eval --count"), 10_000)
    .option("--seed <number>", "which samples", numberIn("--seed"), 0)
    .option(
      "--size <pixels>",
      "resize both sets of images to squares of this side (default: each keeps its own size)",
      numberIn("--size"),
    )
    .option("--no-cache", "recompute the statistics of the real images, and do not cache them")
    .option("--inception <file>", "weights of the FID Inception network: a .pth file or a folder of .dat files")
    .addHelpText(
      "after",
      examples([
        "ganymede eval runs/cifar --metric fid-768 --count 10000",
        "ganymede eval ./generated ./cifar-10-batches-bin --metric fid-2048,is --inception pt_inception-2015-12-05-6726825d.pth",
      ]),
    )
    .action((generated: string, real: string | undefined, options) =>
      start(async () => {
        const { evalCommand } = await import("../commands/eval.js");
        return evalCommand(generated, real, optionsOf<EvalOptions>(options), context);
      }),
    );
};
