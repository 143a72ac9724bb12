import type { AttentionVariant } from "../contracts/attention.js";
import type { Augmentation } from "../contracts/augmentation.js";
import type { Backend } from "../contracts/backend.js";
import type { DatasetSource } from "../contracts/dataset.js";
import type { AdversarialLoss } from "../contracts/loss.js";
import type { Metric } from "../contracts/metric.js";
import type { ModelFamily } from "../contracts/model-family.js";

/** What a package contributes. It is data: importing a plugin does nothing. */
export interface Plugin {
  readonly apiVersion: 1;
  /** npm package name, shown in every error. */
  readonly name: string;
  readonly attentions?: readonly AttentionVariant[];
  // The registry keeps families of any configuration; each family checks its own.
  readonly models?: readonly ModelFamily[];
  readonly datasets?: readonly DatasetSource[];
  readonly metrics?: readonly Metric[];
  readonly losses?: readonly AdversarialLoss[];
  readonly augmentations?: readonly Augmentation[];
  readonly backends?: readonly Backend[];
}

/** Checks nothing and keeps the type; plugins are checked when a registry is made of them. */
export function definePlugin(plugin: Plugin): Plugin {
  return plugin;
}
