import type { Add } from "./shared.js";
import { examples, optionsOf, withShared } from "./shared.js";

export const addBackends: Add = (program, context, start) => {
  withShared(program.command("backends"))
    .description("list the engines, and why those that cannot be used here cannot")
    .option("--no-measure", "leave out GFLOP/s and GB/s, which take about a second for each backend")
    .addHelpText("after", examples(["ganymede backends", "ganymede backends --no-measure --json"]))
    .action((options) =>
      start(async () => {
        const { backendsCommand } = await import("../commands/backends.js");
        return backendsCommand(optionsOf(options), context);
      }),
    );
};
