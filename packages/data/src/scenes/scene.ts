import type { Key } from "@ganymede/core";
import { fillDraw } from "@ganymede/core";
import type { ShapeName } from "./shapes.js";
import { shapeNames } from "./shapes.js";

/** RGB in [0, 1]. */
export type Colour = readonly [number, number, number];

/** An object; lengths are fractions of the image's side, x to the right and y down. */
export interface SceneObject {
  readonly shape: ShapeName;
  readonly colour: Colour;
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  /** Rotation in radians. */
  readonly angle: number;
}

/** A small scene: later objects are in front of earlier ones and cast a soft shadow on what is behind. */
export interface Scene {
  /** Ground colours at the top and at the bottom. */
  readonly ground: readonly [Colour, Colour];
  /** Offset and strength of shadows. */
  readonly shadow: { readonly x: number; readonly y: number; readonly softness: number; readonly strength: number };
  readonly objects: readonly SceneObject[];
}

/** HSV to RGB, all in [0, 1] (Smith 1978). */
function hsv(hue: number, saturation: number, value: number): Colour {
  const channel = (offset: number): number => {
    const place = (offset + hue * 6) % 6;
    return value - value * saturation * Math.max(0, Math.min(place, 4 - place, 1));
  };
  return [channel(5), channel(3), channel(1)];
}

/** Eight hues that are distinguishable at 32 pixels. */
const hues = [0, 0.07, 0.15, 0.33, 0.5, 0.6, 0.76, 0.9] as const;

const mostObjects = 5;

function drawObject(u: Float32Array): SceneObject {
  const [kind, hue, tint, saturation, value, x, y, radius, angle] = u as unknown as number[] as [number, ...number[]];
  return {
    shape: shapeNames[Math.floor(kind * shapeNames.length)] as ShapeName,
    colour: hsv(
      ((hues[Math.floor(hue! * hues.length)] as number) + 0.03 * (tint! - 0.5) + 1) % 1,
      0.65 + 0.3 * saturation!,
      0.7 + 0.28 * value!,
    ),
    x: 0.15 + 0.7 * x!,
    y: 0.15 + 0.7 * y!,
    radius: 0.11 + 0.13 * radius!,
    angle: 2 * Math.PI * angle!,
  };
}

/** Samples a scene of two to five objects, a function of the key alone and independent of the resolution. */
export function drawScene(key: Key): Scene {
  const numbers = 9;
  const u = fillDrawUniform(key, 7 + numbers * mostObjects);
  const [count, hue, value, slope, side, softness, strength] = u as unknown as number[] as [number, ...number[]];
  const objects = Array.from({ length: 2 + Math.floor(count * (mostObjects - 1)) }, (_, i) =>
    drawObject(u.subarray(7 + i * numbers, 7 + (i + 1) * numbers)),
  );
  const top = 0.62 + 0.25 * value!;
  return {
    ground: [hsv(hue!, 0.12, top), hsv(hue!, 0.18, top - 0.1 - 0.2 * slope!)],
    shadow: {
      x: 0.05 * (side! < 0.5 ? -1 : 1),
      y: 0.06,
      softness: 0.04 + 0.05 * softness!,
      strength: 0.35 + 0.2 * strength!,
    },
    objects,
  };
}

function fillDrawUniform(key: Key, length: number): Float32Array {
  const out = new Float32Array(length);
  fillDraw(out, { kind: "uniform", low: 0, high: 1 }, key);
  return out;
}
