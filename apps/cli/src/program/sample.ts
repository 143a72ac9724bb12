import { Option } from "commander";
import type { SampleOptions } from "../commands/sample.js";
import { numberIn, numberList } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { examples, optionsOf, withBackend, withShared, withStanding } from "./shared.js";

export const addSample: Add = (program, context, start) => {
  withStanding(withShared(withBackend(program.command("sample"))))
    .description("sample images from the generator's EMA of a run or a checkpoint")
    .argument("<run>", "a run folder or a .safetensors checkpoint")
    .option("--count <number>", "number of images, or of rows", numberIn("sample --count"))
    .option("--seed <number>", "which images", numberIn("--seed"), 0)
    .option("--truncation <bound>", "redraw latents beyond this bound (the truncation trick)", numberIn("--truncation"))
    .option("--psi <share>", "truncation of styles w towards their mean", numberIn("--psi"))
    .option("--class <number>", "class of all images, from 0", numberIn("--class"))
    .option("--out <path>", "file, or folder with --single (default: samples.png or similar)")
    .option("--single", "one PNG per image", false)
    .option("--interpolate <steps>", "interpolate between pairs of images", numberIn("--interpolate"))
    .addOption(
      new Option("--space <name>", "space of the interpolation: latents z or styles w (default: z)").choices([
        "z",
        "w",
      ]),
    )
    .addOption(
      new Option("--path <kind>", "path of the interpolation (default: spherical in z, linear in w)").choices([
        "linear",
        "spherical",
      ]),
    )
    .option("--animate", "the interpolation as an animated .webp or .gif, forwards and backwards", false)
    .option("--frame-ms <number>", "milliseconds per frame (default: 80)", numberIn("--frame-ms"))
    .option("--psi-sweep <list>", "one row per image, one column per psi, such as 0,0.5,1", numberList("--psi-sweep"))
    .option("--classes", "one row per class, with the same latents", false)
    .option("--mix-styles", "coarse layers from the first column, fine layers from the first row", false)
    .option("--mix-from <layer>", "first fine layer (default: half of the layers)", numberIn("--mix-from"))
    .option("--mix-components", "one row per pair of images: each component of one in the other", false)
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
