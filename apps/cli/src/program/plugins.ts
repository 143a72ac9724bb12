import type { Add } from "./shared.js";
import { examples, optionsOf, withShared } from "./shared.js";

export const addPlugins: Add = (program, context, start) => {
  withShared(program.command("plugins"))
    .description(
      "list the components of all plugins: attentions, losses, optimizers, metrics, models with presets, ..., with their settings",
    )
    .addHelpText(
      "after",
      examples(["ganymede plugins", "ganymede plugins --json", "ganymede plugins --plugin ganymede-plugin-cosine"]),
    )
    .action((options) =>
      start(async () => {
        const { pluginsCommand } = await import("../commands/plugins.js");
        return pluginsCommand(optionsOf(options), context);
      }),
    );
};
