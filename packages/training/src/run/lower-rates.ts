import type { Scheduled, TrainingConfig } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";

/** Settings of schedules that scale with the value. */
const values: readonly string[] = ["value", "from", "to"];

/** Multiplies a rate by a factor: a number, or every value of a schedule. */
function scaled(rate: Scheduled, factor: number): Scheduled {
  if (typeof rate === "number") return rate * factor;
  if (typeof rate === "string") return rate;
  const { id, ...settings } = rate;
  const lower = (name: string, value: unknown) => (values.includes(name) ? scaled(value as Scheduled, factor) : value);
  return { id, ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, lower(name, value)])) };
}

/**
 * The optimizers of a training config with both learning rates multiplied by a factor.
 *
 * @throws GanymedeError `unsupported` for an optimizer whose configuration has no learning rate.
 */
export function lowerRates({ optimizer }: TrainingConfig, factor: number): TrainingConfig["optimizer"] {
  const lower = (network: "generator" | "discriminator") => {
    const ref = optimizer[network];
    const rate = typeof ref === "string" ? undefined : (ref.learningRate as Scheduled | undefined);
    if (typeof ref === "string" || rate === undefined) {
      throw new GanymedeError(
        "unsupported",
        `\`onNan: "rollback"\`: the optimizer of the ${network} must have a learningRate in the configuration, got none; set training.optimizer.${network}.learningRate, or use \`onNan: "stop"\``,
      );
    }
    return { ...ref, learningRate: scaled(rate, factor) };
  };
  return { generator: lower("generator"), discriminator: lower("discriminator") };
}
