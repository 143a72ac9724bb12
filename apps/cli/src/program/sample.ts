import { Option } from "commander";
import type { SampleOptions } from "../commands/sample.js";
import { numberIn, numberList } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { examples, optionsOf, withBackend, withShared, withStanding } from "./shared.js";

export const addSample: Add = (program, context, start) => {
  withStanding(withShared(withBackend(program.command("sample"))))
    .description("draw images from the averaged generator of a run or a checkpoint")
    .argument("<run>", "a run folder, or one .safetensors checkpoint")
    .option("--count <number>", "images, or rows of other pictures than grids", numberIn("sample --count"))
    .option("--seed <number>", "which images", numberIn("--seed"), 0)
    .option("--truncation <bound>", "draw latents beyond this bound again: tamer images", numberIn("--truncation"))
    .option("--psi <share>", "draw styles w towards their mean, by this share", numberIn("--psi"))
    .option("--class <number>", "all images of this class, from 0", numberIn("--class"))
    .option("--out <path>", "file, or folder with --single (default: samples.png, by the kind of picture)")
    .option("--single", "one PNG per image", false)
    .option("--interpolate <steps>", "rows from one image to another", numberIn("--interpolate"))
    .addOption(
      new Option("--space <name>", "of an interpolation: latents z, or styles w (default: z)").choices(["z", "w"]),
    )
    .addOption(
      new Option("--path <kind>", "of an interpolation (default: spherical in z, linear in w)").choices([
        "linear",
        "spherical",
      ]),
    )
    .option("--animate", "the interpolation as an animated .webp or .gif, there and back", false)
    .option("--frame-ms <number>", "milliseconds of a frame (default: 80)", numberIn("--frame-ms"))
    .option("--psi-sweep <list>", "a row per image, a column per psi, as 0,0.5,1", numberList("--psi-sweep"))
    .option("--classes", "a row per class, the same latents in each", false)
    .option("--mix-styles", "coarse layers of the first column's images, fine ones of the first row's", false)
    .option("--mix-from <layer>", "first layer of the fine ones (default: half of them)", numberIn("--mix-from"))
    .option("--mix-components", "a row per pair of images: each component of one in the other", false)
    .addHelpText(
      "after",
      examples([
        "ganymede sample runs/cifar --count 100 --seed 7 --out grid.png",
        "ganymede sample runs/cifar --psi 0.7 --out calm.png",
        "ganymede sample runs/cifar --single --count 10000 --out generated",
        "ganymede sample runs/cifar --interpolate 10 --count 4 --out strip.png",
        "ganymede sample runs/cifar --interpolate 24 --space w --animate --out walk.webp",
        "ganymede sample runs/faces --psi-sweep 0,0.5,0.7,1 --count 6",
        "ganymede sample runs/sagan --classes --count 10 --standing-passes 100",
        "ganymede sample runs/faces --mix-styles --mix-from 4",
      ]),
    )
    .action((run: string, options) =>
      start(async () => {
        const { sampleCommand } = await import("../commands/sample.js");
        return sampleCommand(run, optionsOf<SampleOptions>(options), context);
      }),
    );
};
