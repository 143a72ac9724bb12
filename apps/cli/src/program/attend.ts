import { Option } from "commander";
import type { AttendOptions } from "../commands/attend.js";
import { numberIn, tokenPlace } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { examples, optionsOf, withBackend, withShared } from "./shared.js";

export const addAttend: Add = (program, context, start) => {
  withShared(withBackend(program.command("attend")))
    .description("draw what pixels attend to over samples of a run or a checkpoint")
    .argument("<run>", "a run folder, or one .safetensors checkpoint")
    .option("--list", "the layers with their heads, tokens and what is drawn of them", false)
    .addOption(
      new Option("--network <name>", "whose attention; the discriminator's is on samples")
        .choices(["generator", "discriminator"])
        .default("generator"),
    )
    .option("--layer <number>", "a layer, with each head (default: all, mean over heads)", numberIn("--layer"))
    .option("--head <number>", "a head", numberIn("--head"))
    .option(
      "--query <row,column>",
      "token whose attention is shown, from 0 (default: the middle)",
      tokenPlace("--query"),
    )
    .option("--latents", "only layers that read latents, as segments, each latent a colour", false)
    .option("--count <number>", "images", numberIn("attend --count"), 4)
    .option("--seed <number>", "which images, as of ganymede sample", numberIn("--seed"), 0)
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
