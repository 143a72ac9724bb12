import type { AttentionVariant } from "../contracts/attention.js";
import type { AugmentationComponent } from "../contracts/augmentation.js";
import type { Backend } from "../contracts/backend.js";
import type { CallbackComponent } from "../contracts/callback.js";
import type { DatasetSource } from "../contracts/dataset.js";
import type { ExtractorComponent } from "../contracts/extractor.js";
import type { LoggerComponent } from "../contracts/logger.js";
import type { LossComponent } from "../contracts/loss.js";
import type { MetricComponent } from "../contracts/metric.js";
import type { TokenMixer } from "../contracts/mixer.js";
import type { ModelFamily } from "../contracts/model-family.js";
import type { OptimizerComponent } from "../contracts/optimizer.js";
import type { ScheduleComponent } from "../contracts/schedule.js";
import type { DiscriminatorTermComponent, GeneratorTermComponent } from "../contracts/term.js";

/** Components of a package. It is plain data: importing a plugin has no side effects. */
export interface Plugin {
  readonly apiVersion: 1;
  /** npm package name, used in errors. */
  readonly name: string;
  readonly attentions?: readonly AttentionVariant[];
  readonly mixers?: readonly TokenMixer[];
  // The registry keeps families with any configuration type; each family checks its own.
  readonly models?: readonly ModelFamily[];
  readonly datasets?: readonly DatasetSource[];
  readonly metrics?: readonly MetricComponent[];
  readonly extractors?: readonly ExtractorComponent[];
  readonly losses?: readonly LossComponent[];
  readonly discriminatorTerms?: readonly DiscriminatorTermComponent[];
  readonly generatorTerms?: readonly GeneratorTermComponent[];
  readonly augmentations?: readonly AugmentationComponent[];
  readonly optimizers?: readonly OptimizerComponent[];
  readonly schedules?: readonly ScheduleComponent[];
  readonly loggers?: readonly LoggerComponent[];
  readonly callbacks?: readonly CallbackComponent[];
  readonly backends?: readonly Backend[];
}

/** Keeps the type of a plugin. Plugins are checked when a registry is created. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
