import type { DatasetSource } from "@ganymede/core";
import { expectScenesPlace, scenesDataset, scenes as scenesHere } from "../scenes/scenes.js";
import { scenePool } from "./scene-pool.js";

/** The procedural dataset `scenes[:size[:seed]]`, rendered in worker threads; closing the dataset stops them. */
export const scenes: DatasetSource = {
  ...scenesHere,
  async open(place, options) {
    const spec = expectScenesPlace(place);
    const pool = scenePool();
    return scenesDataset(spec, options, pool.render, pool.close);
  },
};
