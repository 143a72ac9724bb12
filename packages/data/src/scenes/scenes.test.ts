import { key } from "@ganymede/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { openDataset } from "../open-dataset.js";
import { renderScene } from "./render-scene.js";
import { drawScene } from "./scene.js";
import { parseScenesPlace, sceneImage, scenes } from "./scenes.js";
import { shapeNames, signedDistance } from "./shapes.js";

describe("sceneImage", () => {
  it("is a function of seed, index and size", () => {
    expect(sceneImage(3, 14, 32)).toEqual(sceneImage(3, 14, 32));
    expect(sceneImage(3, 14, 32)).not.toEqual(sceneImage(3, 15, 32));
    expect(sceneImage(3, 14, 32)).not.toEqual(sceneImage(4, 14, 32));
  });

  it("shows the same scene at any size", () => {
    const small = sceneImage(0, 5, 32);
    const large = sceneImage(0, 5, 128);
    let difference = 0;
    for (let y = 0; y < 32; y++) {
      for (let x = 0; x < 32; x++) {
        for (let c = 0; c < 3; c++) {
          let mean = 0;
          for (let k = 0; k < 16; k++) mean += large[((4 * y + (k >> 2)) * 128 + 4 * x + (k & 3)) * 3 + c]! / 16;
          difference += Math.abs(mean - small[(y * 32 + x) * 3 + c]!) / 3072;
        }
      }
    }
    expect(difference).toBeLessThan(1.5);
  });

  it("uses every shape and keeps objects inside", () => {
    const scenesDrawn = Array.from({ length: 200 }, (_, i) => drawScene(key(i)));
    const objects = scenesDrawn.flatMap((scene) => scene.objects);
    expect(new Set(objects.map((object) => object.shape))).toEqual(new Set(shapeNames));
    expect(new Set(scenesDrawn.map((scene) => scene.objects.length))).toEqual(new Set([2, 3, 4, 5]));
    expect(objects.every(({ x, y }) => x > 0.1 && x < 0.9 && y > 0.1 && y < 0.9)).toBe(true);
  });
});

describe("renderScene", () => {
  const ground = [0.5, 0.5, 0.5] as const;
  const scene = {
    ground: [ground, ground] as const,
    shadow: { x: 0.1, y: 0.1, softness: 0.05, strength: 0.5 },
    objects: [
      { shape: "square" as const, colour: [1, 0, 0] as const, x: 0.5, y: 0.5, radius: 0.2, angle: 0 },
      { shape: "disc" as const, colour: [0, 0, 1] as const, x: 0.5, y: 0.5, radius: 0.1, angle: 0 },
    ],
  };
  const image = renderScene(scene, 64);
  const at = (x: number, y: number) => [...image.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)];

  it("lets later objects hide earlier ones", () => {
    expect(at(32, 32)[0]).toBeLessThan(5);
    expect(at(32, 32)[2]).toBeGreaterThan(200);
    expect(at(24, 24)[0]).toBeGreaterThan(200);
  });

  it("throws a soft shadow on the ground and leaves the rest alone", () => {
    expect(at(2, 2)).toEqual([128, 128, 128]);
    expect(at(46, 46)[0]).toBeLessThan(90);
    const profile = Array.from({ length: 12 }, (_, i) => at(44 + i, 40)[0]!);
    expect(profile.filter((value) => value > 70 && value < 122).length).toBeGreaterThan(2);
  });

  it("softens edges over about one pixel", () => {
    const tilted = {
      ...scene,
      objects: [{ ...scene.objects[0]!, angle: 0.3 }],
      shadow: { ...scene.shadow, strength: 0 },
    };
    const pixels = renderScene(tilted, 64);
    const blended = Array.from({ length: 4096 }, (_, i) => pixels[3 * i + 1]!).filter(
      (green) => green > 12 && green < 116,
    );
    expect(blended.length).toBeGreaterThan(30);
    expect(blended.length).toBeLessThan(200);
  });
});

describe("signedDistance", () => {
  it("is negative at the centre of solid shapes and grows no faster than the distance", () => {
    const point = fc.double({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(fc.constantFrom(...shapeNames), point, point, point, point, (shape, a, b, c, d) => {
        const slope = Math.abs(signedDistance[shape](a, b) - signedDistance[shape](c, d));
        expect(slope).toBeLessThanOrEqual(Math.hypot(a - c, b - d) + 1e-9);
      }),
    );
    for (const shape of shapeNames) if (shape !== "ring") expect(signedDistance[shape](0, 0)).toBeLessThan(0);
    expect(signedDistance.ring(0, 0)).toBeGreaterThan(0);
  });
});

describe("scenes", () => {
  it("reads its place", () => {
    expect(parseScenesPlace("scenes")).toEqual({ size: 32, seed: 0 });
    expect(parseScenesPlace("scenes:64:7")).toEqual({ size: 64, seed: 7 });
    expect(parseScenesPlace("scenes/64")).toBeNull();
  });

  it("opens both splits with different images", async () => {
    const train = await openDataset([scenes], "scenes:32", {});
    const test = await openDataset([scenes], "scenes:32", { split: "test" });
    expect([train.length, test.length, train.imageShape]).toEqual([50_000, 10_000, [32, 32, 3]]);
    expect(await train.read([0])).not.toEqual(await test.read([0]));
  });

  it("lists the known kinds where nothing matches, and refuses a size it lacks", async () => {
    await expect(openDataset([scenes], "nowhere")).rejects.toThrow(/"nowhere" must be .* \(scenes\)/);
    await expect(openDataset([scenes], "scenes:512")).rejects.toThrow(/from 32 to 256, got 512/);
  });
});
