import { Option } from "commander";
import type { AttendOptions } from "../commands/attend.js";
import { numberIn, tokenPlace } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { examples, optionsOf, withBackend, withShared } from "./shared.js";

export const addAttend: Add = (program, context, start) => {
  withShared(withBackend(program.command("attend")))
    .description("draw attention maps over samples of a run or a checkpoint")
    .argument("<run>", "a run folder or a .safetensors checkpoint")
    .option("--list", "list the layers with their heads and tokens, and how they are drawn", false)
    .addOption(
      new Option("--network <name>", "network to observe; the discriminator runs on samples")
        .choices(["generator", "discriminator"])
        .default("generator"),
    )
    .option(
      "--layer <number>",
      "only this layer, with each head (default: all layers, mean over heads)",
      numberIn("--layer"),
    )
    .option("--head <number>", "a head", numberIn("--head"))
    .option(
      "--query <row,column>",
      "row,column of the query token, from 0 (default: the centre)",
      tokenPlace("--query"),
    )
    .option("--latents", "only layers that attend to latents, as segments, one colour per latent", false)
    .option("--count <number>", "images", numberIn("attend --count"), 4)
    .option("--seed <number>", "seed of the images, as for ganymede sample", numberIn("--seed"), 0)
    .option("--out <file>", "PNG file", "attention.png")
    .addHelpText(
      "after",
      examples([
        "ganymede attend runs/cifar --list",
        "ganymede attend runs/cifar --layer 2 --query 3,4 --out heads.png",
        "ganymede attend runs/cifar --network discriminator",
        "ganymede attend runs/scenes --latents --count 8",
      ]),
    )
    .action((run: string, options) =>
      start(async () => {
        const { attendCommand } = await import("../commands/attend.js");
        return attendCommand(run, optionsOf<AttendOptions>(options), context);
      }),
    );
};
