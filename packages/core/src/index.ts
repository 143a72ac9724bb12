import "./gradients/register-all.js";

export type { Checkpoint, CheckpointTensor } from "./checkpoint/decode.js";
export { decodeSafetensors } from "./checkpoint/decode.js";
export type { ElementArray, ElementType } from "./checkpoint/element-type.js";
export { elementTypes } from "./checkpoint/element-type.js";
export type { CheckpointEntry } from "./checkpoint/encode.js";
export { encodeSafetensors, safetensorsChunks } from "./checkpoint/encode.js";
export type { TorchTensor } from "./checkpoint/torch-file/read-torch-file.js";
export { readTorchFile } from "./checkpoint/torch-file/read-torch-file.js";
export { loadTree, treeToEntries } from "./checkpoint/tree-entries.js";
export type { Inflate } from "./checkpoint/zip/read-zip.js";
export { readZip } from "./checkpoint/zip/read-zip.js";
export { writeZip } from "./checkpoint/zip/write-zip.js";
export type { CompileArgument, Compiled, CompileOptions, FunctionCompiler, Precision } from "./compile/compile.js";
export { compile, compilerSymbol } from "./compile/compile.js";
export type { Trace } from "./compile/trace.js";
export { inMixedPrecision, single, withTrace } from "./compile/trace.js";
export type { AnyComponent, Component, DefinedComponent, Part, PartOf, Ref } from "./component/component.js";
export { defineComponent, refId, resolveRef, withSettings } from "./component/component.js";
export type { Plugin } from "./component/plugin.js";
export { definePlugin } from "./component/plugin.js";
export type { Kind, Registry } from "./component/registry.js";
export { componentKinds, createRegistry } from "./component/registry.js";
export type {
  AttentionDescription,
  AttentionOptions,
  AttentionVariant,
  CrossAttention,
  CrossInput,
  MapAttention,
  SelfAttention,
  SetAttention,
} from "./contracts/attention.js";
export {
  defineAttention,
  defineCrossAttention,
  defineMapAttention,
  defineSetAttention,
} from "./contracts/attention.js";
export type { Augmentation } from "./contracts/augmentation.js";
export type { Backend, Device, GraphProfile, OperatorTime, Profiler } from "./contracts/backend.js";
export type { ByteSource, Dataset, DatasetOptions, DatasetSource } from "./contracts/dataset.js";
export type { Conditions, Context, FirstOrderLayer, Layer, ParamsOf, WeightTransform } from "./contracts/layer.js";
export { defineLayer } from "./contracts/layer.js";
export type { Logger } from "./contracts/logger.js";
export type { AdversarialLoss } from "./contracts/loss.js";
export type { Metric, MetricResult, MetricState } from "./contracts/metric.js";
export type {
  AdversarialModel,
  GeneratorStyles,
  ModelFamily,
  ModelParts,
  PixelLogits,
  Preset,
  SuperResolution,
} from "./contracts/model-family.js";
export type { GeneratorPenalty, GeneratorPenaltyInput, Penalty, PenaltyInput } from "./contracts/penalty.js";
export type { NamedArray, NetworkWeights, ReferenceWeights, WeightLayout, WeightRule } from "./contracts/weights.js";
export { expectPixels } from "./errors/expect-pixels.js";
export { expectShape } from "./errors/expect-shape.js";
export type { ErrorCode } from "./errors/ganymede-error.js";
export { GanymedeError } from "./errors/ganymede-error.js";
export { permutation } from "./random/bits.js";
export type { Draw } from "./random/draw.js";
export { fillDraw, integers, normal, uniform } from "./random/draw.js";
export type { Key, TracedKey } from "./random/key.js";
export { fold, key } from "./random/key.js";
export type { AdaOptions, AdaStep } from "./train/augment/ada/ada.js";
export { adaptiveAugment } from "./train/augment/ada/ada.js";
export type { AdaptationState } from "./train/augment/adaptation.js";
export { adapt, startAdaptation } from "./train/augment/adaptation.js";
export { brightness, contrast, saturation } from "./train/augment/color.js";
export { cutout } from "./train/augment/cutout.js";
export type { AugmentationStep, DiffAugmentOptions } from "./train/augment/diffaugment.js";
export { diffAugment } from "./train/augment/diffaugment.js";
export { mirror } from "./train/augment/mirror.js";
export { scale } from "./train/augment/scaling.js";
export { translate } from "./train/augment/translation.js";
export type { MovingAverageOptions } from "./train/average/moving-average.js";
export { averageDecay, updateAverage } from "./train/average/moving-average.js";
export { checkTraining } from "./train/check-training.js";
export type { CompleteTraining } from "./train/complete-training.js";
export { completeTraining, imagesPerStep } from "./train/complete-training.js";
export { differentiate } from "./train/differentiate.js";
export { drawnStanding } from "./train/drawn-standing.js";
export type { ConsistencyPair } from "./train/losses/consistency.js";
export { consistency } from "./train/losses/consistency.js";
export type { MixedLogits } from "./train/losses/cut-mix.js";
export { cutMixLoss, cutMixMasks, cutMixTerms, mix } from "./train/losses/cut-mix.js";
export { drift } from "./train/losses/drift.js";
export { hinge } from "./train/losses/hinge.js";
export { leastSquares } from "./train/losses/least-squares.js";
export { nonSaturating } from "./train/losses/non-saturating.js";
export { pixelLoss } from "./train/losses/pixel-loss.js";
export { relativistic, relativisticAverage } from "./train/losses/relativistic.js";
export { wasserstein } from "./train/losses/wasserstein.js";
export type { AdamOptions, AdamState } from "./train/optimizer/adam.js";
export { adam } from "./train/optimizer/adam.js";
export { clipByGlobalNorm, globalNorm } from "./train/optimizer/clip-by-global-norm.js";
export type { Optimizer, Rate } from "./train/optimizer/optimizer.js";
export { scheduledRate } from "./train/optimizer/schedule.js";
export { warmUp } from "./train/optimizer/warm-up.js";
export { createGeneratorPenalty, createPenalty } from "./train/penalties/create-penalty.js";
export type { DiversityOptions } from "./train/penalties/diversity.js";
export { diversity, meanCosine } from "./train/penalties/diversity.js";
export type { GradientPenaltyOptions } from "./train/penalties/gradient-penalty.js";
export { gradientPenalty, interpolate, normDeviation } from "./train/penalties/gradient-penalty.js";
export type { PathLengthOptions } from "./train/penalties/path-length.js";
export { measurePaths, pathLength, pathLengths } from "./train/penalties/path-length.js";
export type { R1Options } from "./train/penalties/r1.js";
export { r1, squaredNorms } from "./train/penalties/r1.js";
export { r2 } from "./train/penalties/r2.js";
export { trainingPlugin } from "./train/plugin.js";
export type { StandingOptions } from "./train/standing-statistics.js";
export { standingStatistics } from "./train/standing-statistics.js";
export { advance } from "./train/step/advance.js";
export type { DiscriminatorInput } from "./train/step/discriminator-gradients.js";
export type { DiscriminatorOutput } from "./train/step/discriminator-phase.js";
export type { GeneratorInput } from "./train/step/generator-gradients.js";
export type { GeneratorOutput } from "./train/step/generator-phase.js";
export type { Iterate } from "./train/step/iterate.js";
export { createIteration } from "./train/step/iterate.js";
export type { LabelledImages, RealImages } from "./train/step/real-images.js";
export type { StepChoices } from "./train/step/step-parts.js";
export type { Report, StepResult, TrainState } from "./train/step/train-state.js";
export type { TrainStep } from "./train/step/train-step.js";
export { createTrainStep } from "./train/step/train-step.js";
export type {
  AdaptationConfig,
  GeneratorPenaltyConfig,
  LatentConsistencyConfig,
  PenaltyConfig,
  PixelConfig,
  ScheduleConfig,
  TrainingConfig,
} from "./train/training-config.js";
export type { Objective, ValueAndGrad } from "./train/value-and-grad.js";
export { valueAndGrad } from "./train/value-and-grad.js";
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
export type { NetworkArrays, NetworkShapes } from "./weights/convert-weights.js";
export { readWeights, writeWeights } from "./weights/convert-weights.js";
export {
  asIs,
  flattenedPicture,
  inTurn,
  joined,
  kernel,
  matrix,
  partOf,
  permute,
  picture,
  plus,
  reshaped,
  times,
  transposed,
} from "./weights/layouts.js";
export { layerRules, leafRule, networkWeights, rulesAt, vectorRule } from "./weights/rules.js";
