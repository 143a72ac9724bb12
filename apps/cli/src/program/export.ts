import { Option } from "commander";
import type { ExportOptions } from "../commands/export.js";
import { numberIn } from "../config/parse-number.js";
import type { Add } from "./shared.js";
import { examples, optionsOf, withShared } from "./shared.js";

export const addExport: Add = (program, context, start) => {
  withShared(program.command("export"))
    .description("write the weights of a run for other programs")
    .argument("<run>", "a run folder or a .safetensors checkpoint")
    .addOption(new Option("--format <format>", "file format").choices(["safetensors", "onnx"]).default("safetensors"))
    .addOption(
      new Option("--network <name>", "network to export (average: the generator's EMA)")
        .choices(["average", "generator", "discriminator"])
        .default("average"),
    )
    .addOption(
      new Option(
        "--names <whose>",
        "names and layouts of the authors' PyTorch code, or ours (default: the authors' if available)",
      ).choices(["authors", "ours"]),
    )
    .option("--batch <number>", "batch size of an ONNX model", numberIn("--batch"), 1)
    .option("--out <file>", "output file (default: generator.<format>)")
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
