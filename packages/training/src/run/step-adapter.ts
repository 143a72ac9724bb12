// The only file of `run` that imports the training step; the rest of `run` uses it through this file.
export { drawnStanding } from "../drawn-standing.js";
export { standingStatistics } from "../standing-statistics.js";
export { createIteration } from "../step/iteration.js";
export type { TrainingComponents } from "../step/resolve-training.js";
export type { Report, TrainState } from "../step/train-state.js";
export type { TrainStep } from "../step/train-step.js";
export { createTrainStep } from "../step/train-step.js";
export { overrideTraining } from "../training-config.js";
