import type { Add } from "./shared.js";
import { examples, optionsOf, withShared } from "./shared.js";

export const addBackends: Add = (program, context, start) => {
  withShared(program.command("backends"))
    .description("list the backends, and why some are not available")
    .option("--no-measure", "do not measure GFLOP/s and GB/s, which takes about a second per backend")
    .addHelpText("after", examples(["ganymede backends", "ganymede backends --no-measure --json"]))
    .action((options) =>
      start(async () => {
        const { backendsCommand } = await import("../commands/backends.js");
        return backendsCommand(optionsOf(options), context);
      }),
    );
};
