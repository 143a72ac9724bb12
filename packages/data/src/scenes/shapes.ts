/** The shapes of a scene, also used in its class names. */
export const shapeNames = ["disc", "square", "triangle", "hexagon", "ring", "capsule"] as const;

export type ShapeName = (typeof shapeNames)[number];

/** Regular polygon with `sides` sides of circumradius 1: distance to the nearest side, negative inside. */
function polygon(x: number, y: number, sides: number): number {
  const sector = (2 * Math.PI) / sides;
  const angle = Math.atan2(y, x);
  const folded = angle - sector * Math.round(angle / sector);
  return Math.hypot(x, y) * Math.cos(folded) - Math.cos(Math.PI / sides);
}

/**
 * Signed distance of a point from each shape of radius 1 at the origin, negative inside; for polygons the distance to the nearest
 * side's line, which is exact next to the sides and smaller beyond the corners.
 */
export const signedDistance: Readonly<Record<ShapeName, (x: number, y: number) => number>> = {
  disc: (x, y) => Math.hypot(x, y) - 1,
  square: (x, y) => Math.max(Math.abs(x), Math.abs(y)) - 0.85,
  triangle: (x, y) => polygon(x, y, 3),
  hexagon: (x, y) => polygon(x, y, 6),
  ring: (x, y) => Math.abs(Math.hypot(x, y) - 0.7) - 0.28,
  capsule: (x, y) => Math.hypot(Math.max(Math.abs(x) - 0.6, 0), y) - 0.4,
};
