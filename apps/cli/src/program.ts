import { GanymedeError } from "@ganymede/core";
import type { CommanderError, OptionValues } from "commander";
import { Command } from "commander";
import type { EvalOptions } from "./commands/eval.js";
import type { SampleOptions } from "./commands/sample.js";
import type { SharedOptions } from "./commands/shared-options.js";
import type { StartOptions } from "./commands/start.js";
import type { TrainOptions } from "./commands/train.js";
import { positiveNumber, share, wholeNumber } from "./config/parse-number.js";
import type { CommandContext } from "./context.js";
import { exitCodeHelp } from "./exit-codes.js";

/** Runs a parsed command; gives its exit code. */
type Run = () => Promise<number>;

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}\n`;
}

function withShared(command: Command): Command {
  return command
    .option("--json", "one JSON object per line on standard output", false)
    .option("--plugin <package>", "load a plugin package or file (repeatable)", collect, [])
    .option("--config <file>", "configuration file (default: ganymede.config.ts here)");
}

function withBackend(command: Command): Command {
  return command.option("--backend <id>", "engine to run on; see ganymede backends", "auto");
}

/** Commander's options as a command's own: `--plugin` is a list, and what was not given is not there. */
function optionsOf<Options extends SharedOptions>({ plugin, ...options }: OptionValues): Options {
  return { ...options, plugins: plugin } as unknown as Options;
}

/**
 * The command line. Every command's code is loaded only when it runs.
 *
 * @param start receives the command that was asked for.
 */
export function createProgram(version: string, context: CommandContext, start: (run: Run) => void): Command {
  const program = new Command("ganymede")
    .description("Train, sample and measure attention-based GANs")
    .version(version)
    .configureOutput({
      writeOut: (text) => context.terminal.out(text.trimEnd()),
      writeErr: (text) => context.terminal.note(text.trimEnd()),
      outputError: () => undefined,
    })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText(
      "after",
      `${examples([
        "ganymede start",
        "ganymede train vitgan-cifar10 --data ./cifar-10-batches-bin --out runs/cifar --steps 20000",
        "ganymede sample runs/cifar --count 64",
      ])}\n${exitCodeHelp}\n\nColours are off where NO_COLOR is set or the output is no terminal.`,
    );
  addStart(program, context, start);
  addTrain(program, context, start);
  addSample(program, context, start);
  addEval(program, context, start);
  addBackends(program, context, start);
  addPlugins(program, context, start);
  // exitOverride and the output are not inherited by commands that were added ready-made.
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}

type Add = (program: Command, context: CommandContext, start: (run: Run) => void) => void;

const addStart: Add = (program, context, start) => {
  withShared(withBackend(program.command("start")))
    .description(
      "the quick start: data, two minutes of training, samples, and the distance to the data before and after",
    )
    .option("--data <place>", "real images: a dataset folder, or a folder of datasets")
    .option("--out <folder>", "run folder", "runs/quick-start")
    .option("--preset <id>", "what to train", "vitgan-tiny")
    .option("--minutes <number>", "training time", positiveNumber("--minutes"), 2)
    .option("--steps <number>", "stop after so many steps", wholeNumber("--steps", 1))
    .option("--seed <number>", "the run is a function of it", wholeNumber("--seed", 0), 0)
    .option("--images <number>", "images that are measured", wholeNumber("--images", 2), 500)
    .option("--inception <file>", "weights of the FID Inception network: a .pth file or a folder of .dat files")
    .option("--fresh", "begin again where a finished run is there", false)
    .addHelpText("after", examples(["ganymede start", "ganymede start --data ./photos --minutes 10 --fresh"]))
    .action((options) =>
      start(async () => {
        const { startCommand } = await import("./commands/start.js");
        return startCommand(optionsOf<StartOptions>(options), context);
      }),
    );
};

const addTrain: Add = (program, context, start) => {
  withShared(withBackend(program.command("train")))
    .description("train a preset into a run folder, or go on with a run")
    .argument("[preset]", "a preset; see ganymede plugins")
    .option("--data <place>", "real images: a dataset folder, an image folder, or scenes[:size[:seed]]")
    .option("--out <folder>", "run folder (default: runs/<preset>)")
    .option("--steps <number>", "stop at this step", wholeNumber("--steps", 1))
    .option("--images <number>", "stop after so many images were shown", wholeNumber("--images", 1))
    .option("--minutes <number>", "stop after so many minutes", positiveNumber("--minutes"))
    .option("--batch <number>", "images per step, as --set training.batch=", wholeNumber("--batch", 1))
    .option("--seed <number>", "the run is a function of it (default: 0)", wholeNumber("--seed", 0))
    .option("--set <key=value>", "change a setting of the model, or of training.* (repeatable)", collect, [])
    .option("--resume", "go on with the run in --out, bit for bit", false)
    .option("--dry-run", "print the resolved configuration and stop", false)
    .option("--metric <id>", "measure while training: fid-64, -192, -768, -2048, kid-..., prdc-..., is or swd")
    .option("--metric-every <steps>", "steps between measurements", wholeNumber("--metric-every", 1), 1000)
    .option("--metric-images <number>", "images per measurement", wholeNumber("--metric-images", 2), 1000)
    .option("--inception <file>", "weights of the FID Inception network: a .pth file or a folder of .dat files")
    .option("--log-every <steps>", "steps between lines of metrics.jsonl", wholeNumber("--log-every", 1), 10)
    .option("--sample-every <steps>", "steps between grids", wholeNumber("--sample-every", 1), 500)
    .option("--checkpoint-every <steps>", "steps between checkpoints", wholeNumber("--checkpoint-every", 1), 500)
    .option("--keep <number>", "checkpoints that stay on disk", wholeNumber("--keep", 1), 3)
    .addHelpText(
      "after",
      examples([
        "ganymede train vitgan-tiny --data scenes --minutes 10",
        "ganymede train vitgan-cifar10 --data ./cifar-10-batches-bin --out runs/cifar --steps 20000 --metric fid-768",
        "ganymede train vitgan-celeba64 --data ./faces --batch 16 --set training.learningRate.generator=0.001 --dry-run",
        "ganymede train --out runs/cifar --resume --steps 40000",
      ]),
    )
    .action((preset: string | undefined, options) =>
      start(async () => {
        const { trainCommand } = await import("./commands/train.js");
        return trainCommand(preset, optionsOf<TrainOptions>(options), context);
      }),
    );
};

const addSample: Add = (program, context, start) => {
  withShared(withBackend(program.command("sample")))
    .description("draw images from the averaged generator of a run or a checkpoint")
    .argument("<run>", "a run folder, or one .safetensors checkpoint")
    .option(
      "--count <number>",
      "images, or rows of an interpolation (default: 64, or 8 rows)",
      wholeNumber("--count", 1),
    )
    .option("--seed <number>", "which images", wholeNumber("--seed", 0), 0)
    .option(
      "--truncation <bound>",
      "draw latents beyond this bound again: tamer images",
      positiveNumber("--truncation"),
    )
    .option("--psi <share>", "draw styles w towards their mean, by a share of 0 to 1", share("--psi"))
    .option("--out <path>", "PNG file, or folder with --single (default: samples.png, samples/)")
    .option("--single", "one PNG per image", false)
    .option("--interpolate <steps>", "rows from one image to another", wholeNumber("--interpolate", 2))
    .addHelpText(
      "after",
      examples([
        "ganymede sample runs/cifar --count 100 --seed 7 --out grid.png",
        "ganymede sample runs/cifar --psi 0.7 --out calm.png",
        "ganymede sample runs/cifar --single --count 10000 --out generated",
        "ganymede sample runs/cifar --interpolate 10 --count 4 --out strip.png",
      ]),
    )
    .action((run: string, options) =>
      start(async () => {
        const { sampleCommand } = await import("./commands/sample.js");
        return sampleCommand(run, optionsOf<SampleOptions>(options), context);
      }),
    );
};

const addEval: Add = (program, context, start) => {
  withShared(withBackend(program.command("eval")))
    .description("measure a run's samples, or a folder of images, against real images")
    .argument("<generated>", "a run folder, a checkpoint, or a dataset or image folder")
    .argument("[real]", "the real images (default: those that the run was trained on)")
    .option(
      "--metric <ids>",
      "comma-separated: fid-64, -192, -768, -2048, kid-..., prdc-..., is, swd (default: FID and swd)",
    )
    .option("--count <number>", "images of each side", wholeNumber("--count", 2), 10_000)
    .option("--seed <number>", "which samples", wholeNumber("--seed", 0), 0)
    .option("--size <pixels>", "side that both sets of images are brought to", wholeNumber("--size", 1))
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
        const { evalCommand } = await import("./commands/eval.js");
        return evalCommand(generated, real, optionsOf<EvalOptions>(options), context);
      }),
    );
};

const addBackends: Add = (program, context, start) => {
  withShared(program.command("backends"))
    .description("list the engines, and why those that cannot be used here cannot")
    .option("--no-measure", "leave out GFLOP/s and GB/s, which take about a second for each backend")
    .addHelpText("after", examples(["ganymede backends", "ganymede backends --no-measure --json"]))
    .action((options) =>
      start(async () => {
        const { backendsCommand } = await import("./commands/backends.js");
        return backendsCommand(optionsOf(options), context);
      }),
    );
};

const addPlugins: Add = (program, context, start) => {
  withShared(program.command("plugins"))
    .description("list the plugins with what they contribute: presets, datasets, metrics, backends")
    .addHelpText("after", examples(["ganymede plugins", "ganymede plugins --plugin ganymede-plugin-cosine"]))
    .action((options) =>
      start(async () => {
        const { pluginsCommand } = await import("./commands/plugins.js");
        return pluginsCommand(optionsOf(options), context);
      }),
    );
};

/** Commander's complaint as one of ours: its text without the prefix, with the way to the help. */
export function usageError(error: CommanderError): GanymedeError {
  const text = error.message
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ")
    .replace(/\.$/, "");
  return new GanymedeError("invalid-argument", `ganymede: ${text}; see ganymede --help`, { cause: error });
}
