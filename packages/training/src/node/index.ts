export { encodeAnimation, thereAndBack } from "./animation.js";
export type { CalculateMetricsOptions } from "./calculate-metrics.js";
export { calculateMetrics, measureImages, openPair, placeFrom } from "./calculate-metrics.js";
export type { CheckpointWriter, CheckpointWriterOptions } from "./checkpoint-writer.js";
export { checkpointWriter } from "./checkpoint-writer.js";
export type { Files } from "./files.js";
export { diskFiles, exists, failureReason, readIfThere, writeError } from "./files.js";
export { findLocalData } from "./find-data.js";
export type { Sheet } from "./grid.js";
export { encodePng, imageSheet } from "./grid.js";
export type { LoadGeneratorOptions } from "./load-generator.js";
export { loadGenerator } from "./load-generator.js";
export { importFile, loadPlugin, reasonOf } from "./load-plugin.js";
export { measureSampler } from "./measure-sampler.js";
export type { MeasureOptions } from "./measure-while-training.js";
export { measureWhileTraining } from "./measure-while-training.js";
export { appendMetrics, readMetrics } from "./metrics-log.js";
export { neededPlugins, withNeededPlugins } from "./needed-plugins.js";
export type { TrainOptions } from "./node-train-options.js";
export type { OpenedMetrics } from "./open-metrics.js";
export { openEach, openMetrics } from "./open-metrics.js";
export { openForSampling, openSampler } from "./open-sampler.js";
export type { OpenTrainingOptions, Training } from "./open-training.js";
export { openTraining } from "./open-training.js";
export { expectReplaceable, ownMark } from "./own-output.js";
export type { Resumed } from "./prepare-run.js";
export { expectNoRun, openFor, openRun, trainerFor } from "./prepare-run.js";
export { realStatistics, statisticsOnce } from "./real-statistics.js";
export type { RunContext } from "./run-context.js";
export type { LoadedCheckpoint } from "./run-folder.js";
export {
  checkpointSteps,
  openCheckpoint,
  openNewestGood,
  parseRunConfig,
  readRunConfig,
  runPaths,
  saveCheckpoint,
  writeRunConfig,
} from "./run-folder.js";
export type { RunLock } from "./run-lock.js";
export { expectUnlocked, lockRun } from "./run-lock.js";
export { drawGrid, enlargement } from "./save-grid.js";
export { startBackend } from "./start-backend.js";
export { train } from "./train.js";
export { trainRun } from "./train-run.js";
