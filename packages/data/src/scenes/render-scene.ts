import type { Scene, SceneObject } from "./scene.js";
import { signedDistance } from "./shapes.js";

/** An object with values shared by its pixels. */
interface Placed {
  readonly object: SceneObject;
  readonly cosine: number;
  readonly sine: number;
}

/** Signed distance of a point from an object, as a fraction of the side. */
function distance({ object, cosine, sine }: Placed, x: number, y: number): number {
  const dx = (x - object.x) / object.radius;
  const dy = (y - object.y) / object.radius;
  return object.radius * signedDistance[object.shape](cosine * dx + sine * dy, cosine * dy - sine * dx);
}

function smoothstep(t: number): number {
  const clipped = Math.min(1, Math.max(0, t));
  return clipped * clipped * (3 - 2 * clipped);
}

/**
 * Renders a scene to uint8 `[size, size, 3]`.
 *
 * Every object first darkens what is behind it: by `strength * s(1/2 - d' / (2 * softness))`, with d' the distance from the
 * shifted shape and s a smooth step. Then it covers what is behind it by clip(1/2 - d * size), the fraction of the pixel inside it
 * (anti-aliasing). It is lit from the top.
 */
export function renderScene(scene: Scene, size: number): Uint8Array {
  const out = new Uint8Array(size * size * 3);
  const placed = scene.objects.map((object) => ({
    object,
    cosine: Math.cos(object.angle),
    sine: Math.sin(object.angle),
  }));
  const [above, below] = scene.ground;
  const { shadow } = scene;
  for (let row = 0; row < size; row++) {
    const y = (row + 0.5) / size;
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5) / size;
      let red = above[0] + (below[0] - above[0]) * y;
      let green = above[1] + (below[1] - above[1]) * y;
      let blue = above[2] + (below[2] - above[2]) * y;
      for (const item of placed) {
        const behind = distance(item, x - shadow.x, y - shadow.y);
        const light = 1 - shadow.strength * smoothstep(0.5 - behind / (2 * shadow.softness));
        const cover = Math.min(1, Math.max(0, 0.5 - distance(item, x, y) * size));
        const lit = 1 - 0.22 * ((y - item.object.y) / item.object.radius);
        const [r, g, b] = item.object.colour;
        red = red * light * (1 - cover) + Math.min(1, r * lit) * cover;
        green = green * light * (1 - cover) + Math.min(1, g * lit) * cover;
        blue = blue * light * (1 - cover) + Math.min(1, b * lit) * cover;
      }
      const at = (row * size + column) * 3;
      out[at] = Math.round(255 * red);
      out[at + 1] = Math.round(255 * green);
      out[at + 2] = Math.round(255 * blue);
    }
  }
  return out;
}
