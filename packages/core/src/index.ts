import "./gradients/register-all.js";

export type { Compiled, CompileOptions, Precision } from "./compile/compile.js";
export { compile, losesNaN } from "./compile/compile.js";
export type { AnyComponent, Component, DefinedComponent, Part, PartOf, Ref } from "./component/component.js";
export { defineComponent, refId, resolveRef, withSettings } from "./component/component.js";
export type { Plugin } from "./component/plugin.js";
export { definePlugin } from "./component/plugin.js";
export type { Kind, Registry } from "./component/registry.js";
export { componentKinds, createRegistry } from "./component/registry.js";
export { resolveAttention } from "./component/resolve-attention.js";
export type {
  AttentionDescription,
  AttentionOptions,
  AttentionPart,
  AttentionVariant,
  CrossAttention,
  CrossAttentionPart,
  CrossInput,
  DefinedAttention,
  MapAttention,
  MapAttentionPart,
  SelfAttention,
  SelfAttentionPart,
  SetAttention,
  SetAttentionPart,
} from "./contracts/attention.js";
export {
  defineAttention,
  defineCrossAttention,
  defineMapAttention,
  defineSetAttention,
} from "./contracts/attention.js";
export type { Augmentation, AugmentationComponent, AugmentationState } from "./contracts/augmentation.js";
export type { Backend, Device, GraphProfile, OperatorTime, Profiler, TrainingLength } from "./contracts/backend.js";
export type { Callback, CallbackComponent, CallbackInputs, TrainingProgress } from "./contracts/callback.js";
export type { AnswersOf, Capabilities, Capability, GeneratorStyles, NetworkParams } from "./contracts/capabilities.js";
export type { ByteSource, Dataset, DatasetOptions, DatasetSource } from "./contracts/dataset.js";
export type {
  Extractor,
  ExtractorComponent,
  ExtractorInputs,
  ExtractorUse,
  PixelShape,
} from "./contracts/extractor.js";
export type { Conditions, Context, FirstOrderLayer, Layer, ParamsOf, WeightTransform } from "./contracts/layer.js";
export { defineLayer } from "./contracts/layer.js";
export type { LogFiles, LoggedImage, Logger, LoggerComponent, LoggerInputs } from "./contracts/logger.js";
export type { AdversarialLoss, Logits, LossComponent } from "./contracts/loss.js";
export type { Metric, MetricComponent, MetricInputs, MetricResult, MetricState } from "./contracts/metric.js";
export type { MixerDescription, MixerPart, TokenMixer } from "./contracts/mixer.js";
export { defineMixer } from "./contracts/mixer.js";
export type { AdversarialModel, ModelFamily, ModelParts, Preset } from "./contracts/model-family.js";
export type { Observations, Observe, ObservedAttention } from "./contracts/observation.js";
export type { Optimizer, OptimizerComponent } from "./contracts/optimizer.js";
export type {
  Progress,
  ResolveSchedule,
  Schedule,
  ScheduleComponent,
  Scheduled,
  ScheduleInputs,
} from "./contracts/schedule.js";
export type {
  DiscriminatorPass,
  DiscriminatorTerm,
  DiscriminatorTermComponent,
  GeneratorPass,
  GeneratorTerm,
  GeneratorTermComponent,
  GradientSite,
  Judged,
  LabelledImages,
  Latents,
  Side,
  TermInputs,
  TermResult,
} from "./contracts/term.js";
export type { EmaConfig, TrainingConfig } from "./contracts/training-config.js";
export { expectPixels } from "./errors/expect-pixels.js";
export { expectShape } from "./errors/expect-shape.js";
export type { ErrorCode } from "./errors/ganymede-error.js";
export { GanymedeError } from "./errors/ganymede-error.js";
export { shorten } from "./errors/shorten.js";
export { differentiate } from "./gradients/differentiate.js";
export type { Objective, ValueAndGrad } from "./gradients/value-and-grad.js";
export { valueAndGrad } from "./gradients/value-and-grad.js";
export { inference, training } from "./nn/context.js";
export { permutation } from "./random/bits.js";
export type { Draw } from "./random/draw.js";
export { fillDraw, integers, normal, uniform } from "./random/draw.js";
export type { Key, TracedKey } from "./random/key.js";
export { fold, key } from "./random/key.js";
export type { ParamTree } from "./tree/param-tree.js";
export type { TreeOf } from "./tree/tree.js";
export {
  countParameters,
  disposeExcept,
  disposeTree,
  fillTree,
  leafValues,
  leaves,
  mapLeaves,
  mapTree,
} from "./tree/tree.js";
