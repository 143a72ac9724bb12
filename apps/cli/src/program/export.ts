import { Option } from "commander";
import type { ExportOptions } from "../commands/export.js";
import { numberIn } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { examples, optionsOf, withShared } from "./shared.js";

export const addExport: Add = (program, context, start) => {
  withShared(program.command("export"))
    .description("write the weights of a run for other programs")
    .argument("<run>", "a run folder, or one .safetensors checkpoint")
    .addOption(new Option("--format <format>", "of the file").choices(["safetensors", "onnx"]).default("safetensors"))
    .addOption(
      new Option("--network <name>", "which network a safetensors file holds")
        .choices(["average", "generator", "discriminator"])
        .default("average"),
    )
    .addOption(
      new Option(
        "--names <whose>",
        "names and layouts: those of the authors' PyTorch code, or ours (default: the authors' where they have any)",
      ).choices(["authors", "ours"]),
    )
    .option("--batch <number>", "images per run of an ONNX model", numberIn("--batch"), 1)
    .option("--out <file>", "where to write (default: generator.<format>)")
    .addHelpText(
      "after",
      examples([
        "ganymede export runs/transgan --format onnx --out generator.onnx",
        "ganymede export runs/transgan --network discriminator --out discriminator.safetensors",
      ]),
    )
    .action((run: string, options) =>
      start(async () => {
        const { exportCommand } = await import("../commands/export.js");
        return exportCommand(run, optionsOf<ExportOptions>(options), context);
      }),
    );
};
