import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { renderHere } from "../scenes/scenes.js";
import { scenePool } from "./scene-pool.js";
import { scenes } from "./scenes-source.js";

const built = existsSync(fileURLToPath(new URL("../../dist/node/scenes-worker.js", import.meta.url)));

// Worker threads run the built file; `npm test` builds before it tests.
describe.skipIf(!built)(`scenePool${built ? "" : " (skipped: build the package first)"}`, () => {
  it("gives the pixels of the calling thread, whatever the number of threads", async () => {
    const spec = { seed: 2, size: 32 };
    const indices = Uint32Array.of(5, 0, 44, 7, 7);
    const expected = await renderHere(spec, indices);
    for (const threads of [1, 2, 8]) {
      const pool = scenePool(threads);
      const [pixels, again] = await Promise.all([pool.render(spec, indices), pool.render(spec, indices)]);
      await pool.close();
      expect(pixels).toEqual(expected);
      expect(again).toEqual(expected);
    }
  });

  it("fails what is under way when it is closed", async () => {
    const dataset = await scenes.open("scenes:256", {});
    const reading = dataset.read(Uint32Array.from({ length: 64 }, (_, i) => i));
    const failed = expect(reading).rejects.toThrow(/the dataset was closed/);
    await dataset.close?.();
    await failed;
  });
});
