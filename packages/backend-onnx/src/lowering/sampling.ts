import { backend_util } from "@tensorflow/tfjs-core";
import type { GraphBuilder } from "../graph/builder.js";
import { binary, cast, concat, expand, gather, reshape, slice, unary, where } from "../graph/operations.js";
import type { Value } from "../graph/value.js";
import { sizeOf } from "../graph/value.js";
import type { LoweringInput, LoweringTable } from "./lowering.js";
import { attribute } from "./lowering.js";

/** Images `[B, H, W, C]` sampled at computed positions. */
interface Source {
  readonly b: GraphBuilder;
  readonly image: Value;
  /** Image index of each position. */
  readonly batch: Value;
}

const number = (b: GraphBuilder, value: number): Value => b.scalar("float32", value);

/** Whether `0 <= position <= limit`. */
function within(b: GraphBuilder, place: Value, limit: number): Value {
  const low = binary(b, "GreaterOrEqual", place, number(b, 0), "bool");
  return binary(b, "And", low, binary(b, "LessOrEqual", place, number(b, limit), "bool"), "bool");
}

function clamp(b: GraphBuilder, place: Value, limit: number): Value {
  return binary(b, "Min", binary(b, "Max", place, number(b, 0)), number(b, limit));
}

/** Pixels at integer positions, clamped to the edge: `[..., C]` for positions `[...]`. */
function readPixels({ b, image, batch }: Source, y: Value, x: Value): Value {
  const [, height, width, channels] = image.shape as [number, number, number, number];
  const row = binary(b, "Add", binary(b, "Mul", batch, b.scalar("int32", height)), index(b, y, height));
  const place = binary(b, "Add", binary(b, "Mul", row, b.scalar("int32", width)), index(b, x, width));
  return gather(b, reshape(b, image, [sizeOf(image.shape) / channels, channels]), place, 0);
}

function index(b: GraphBuilder, place: Value, size: number): Value {
  return cast(b, clamp(b, place, size - 1), "int32");
}

/** `Math.round`: halves round up. */
function round(b: GraphBuilder, x: Value): Value {
  return unary(b, "Floor", binary(b, "Add", x, number(b, 0.5)));
}

const column = (b: GraphBuilder, x: Value): Value => reshape(b, x, [...x.shape, 1]);

function mix(b: GraphBuilder, low: Value, high: Value, part: Value): Value {
  return binary(b, "Add", low, binary(b, "Mul", binary(b, "Sub", high, low), part));
}

/** Evenly spaced positions from one edge of each box to the other, `[boxes, count]`; a single one is in the middle. */
function placesInBox(b: GraphBuilder, from: Value, to: Value, count: number, size: number): Value {
  if (count === 1) {
    return binary(b, "Mul", binary(b, "Add", from, to), number(b, 0.5 * (size - 1)));
  }
  const steps = b.constant(
    "float32",
    [1, count],
    Float32Array.from({ length: count }, (_, i) => i),
  );
  const stride = binary(b, "Mul", binary(b, "Sub", to, from), number(b, (size - 1) / (count - 1)));
  return binary(b, "Add", binary(b, "Mul", from, number(b, size - 1)), binary(b, "Mul", stride, steps));
}

/** Crops boxes from images and resizes them to one size; a constant value outside the image. */
function cropAndResize({ b, inputs, attrs }: LoweringInput): Value {
  const image = cast(b, inputs.image!, "float32");
  const [images, height, width, channels] = image.shape as [number, number, number, number];
  const [cropHeight, cropWidth] = attribute<[number, number]>(attrs, "cropSize");
  const boxes = inputs.boxes!;
  const count = boxes.shape[0]!;
  const edge = (at: number): Value => slice(b, boxes, [0, at], [count, 1]);
  const shape = [count, cropHeight, cropWidth];
  const y = reshape(b, placesInBox(b, edge(0), edge(2), cropHeight, height), [count, cropHeight, 1]);
  const x = reshape(b, placesInBox(b, edge(1), edge(3), cropWidth, width), [count, 1, cropWidth]);
  const numbers = reshape(b, cast(b, inputs.boxInd!, "int32"), [count, 1, 1]);
  const batch = binary(b, "Min", numbers, b.scalar("int32", images - 1));
  const source = { b, image, batch };
  const inside = binary(b, "And", within(b, y, height - 1), within(b, x, width - 1), "bool");
  const pixels =
    attribute<string>(attrs, "method") === "nearest"
      ? readPixels(source, round(b, y), round(b, x))
      : interpolate(source, y, x, shape);
  const outside = b.fill("float32", [1], attribute<number>(attrs, "extrapolationValue"));
  const cropped = where(b, expand(b, column(b, inside), [...shape, channels]), pixels, outside);
  // A box of an image that does not exist is 0.
  const known = binary(b, "Less", numbers, b.scalar("int32", images), "bool");
  return where(b, expand(b, column(b, known), [...shape, channels]), cropped, b.fill("float32", [1], 0));
}

/** Bilinear interpolation between the four pixels around each position inside the image. */
function interpolate(source: Source, y: Value, x: Value, shape: readonly number[]): Value {
  const { b } = source;
  const [top, left] = [unary(b, "Floor", y), unary(b, "Floor", x)];
  const [bottom, right] = [unary(b, "Ceil", y), unary(b, "Ceil", x)];
  const part = (place: Value, low: Value): Value => column(b, expand(b, binary(b, "Sub", place, low), shape));
  const across = part(x, left);
  const line = (row: Value): Value => mix(b, readPixels(source, row, left), readPixels(source, row, right), across);
  return mix(b, line(top), line(bottom), part(y, top));
}

type FillMode = "constant" | "reflect" | "wrap" | "nearest";

/** Where a position outside `0 .. size - 1` is read instead (TensorFlow's image projective transform). */
function mapPlace(b: GraphBuilder, place: Value, size: number, mode: FillMode): Value {
  if (mode === "constant") return place;
  if (mode === "nearest" || size <= 1) return clamp(b, place, size - 1);
  const truncated = (x: Value): Value => cast(b, cast(b, x, "int32"), "float32");
  const below = binary(b, "Less", place, number(b, 0), "bool");
  const above = binary(b, "Greater", place, number(b, size - 1), "bool");
  const scaled = (x: Value, factor: number): Value => binary(b, "Mul", x, number(b, factor));
  if (mode === "wrap") {
    const low = binary(b, "Add", truncated(scaled(place, -1 / (size - 1))), number(b, 1));
    const fromBelow = binary(b, "Add", place, scaled(low, size));
    const fromAbove = binary(b, "Sub", place, scaled(truncated(scaled(place, 1 / (size - 1))), size));
    return clamp(b, where(b, below, fromBelow, where(b, above, fromAbove, place)), size - 1);
  }
  const period = 2 * size;
  const lifted = binary(b, "Add", place, scaled(truncated(scaled(place, -1 / period)), period));
  const far = binary(b, "Less", lifted, number(b, -size), "bool");
  const fromBelow = where(b, far, binary(b, "Add", lifted, number(b, period)), binary(b, "Sub", number(b, -1), lifted));
  const rest = binary(b, "Sub", place, scaled(truncated(scaled(place, 1 / period)), period));
  const second = binary(b, "GreaterOrEqual", rest, number(b, size), "bool");
  const fromAbove = where(b, second, binary(b, "Sub", number(b, period - 1), rest), rest);
  return clamp(b, where(b, below, fromBelow, where(b, above, fromAbove, place)), size - 1);
}

/** Pixels at integer positions; the fill value outside. */
function readOrFill(source: Source, y: Value, x: Value, fill: number): Value {
  const { b, image } = source;
  const [, height, width, channels] = image.shape as [number, number, number, number];
  const inside = binary(b, "And", within(b, y, height - 1), within(b, x, width - 1), "bool");
  const mask = expand(b, column(b, inside), [...inside.shape, channels]);
  return where(b, mask, readPixels(source, y, x), b.fill("float32", [1], fill));
}

/** Projective transform: the output at (x, y) is read at `((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k)`, k = c0 x + c1 y + 1. */
function transform({ b, inputs, attrs }: LoweringInput): Value {
  const image = cast(b, inputs.image!, "float32");
  const [images, height, width, channels] = image.shape as [number, number, number, number];
  const outputShape = attribute<[number, number] | undefined | null>(attrs, "outputShape");
  const [outHeight, outWidth] = outputShape ?? [height, width];
  const fill = attribute<number>(attrs, "fillValue");
  const mode = attribute<FillMode>(attrs, "fillMode");
  const transforms = inputs.transforms!;
  const rows = transforms.shape[0]!;
  const term = (at: number): Value => reshape(b, slice(b, transforms, [0, at], [rows, 1]), [rows, 1, 1]);
  const line = (count: number, shape: number[]): Value =>
    b.constant(
      "float32",
      shape,
      Float32Array.from({ length: count }, (_, i) => i),
    );
  const [x, y] = [line(outWidth, [1, 1, outWidth]), line(outHeight, [1, outHeight, 1])];
  const linear = (first: number, last: Value): Value =>
    binary(b, "Add", binary(b, "Add", binary(b, "Mul", term(first), x), binary(b, "Mul", term(first + 1), y)), last);
  const depth = linear(6, number(b, 1));
  const shape = [images, outHeight, outWidth];
  const place = (first: number, size: number): Value =>
    mapPlace(b, expand(b, binary(b, "Div", linear(first, term(first + 2)), depth), shape), size, mode);
  const [sourceX, sourceY] = [place(0, width), place(3, height)];
  const batch = b.constant(
    "int32",
    [images, 1, 1],
    Int32Array.from({ length: images }, (_, i) => i),
  );
  const source = { b, image, batch };
  const pixels =
    attribute<string>(attrs, "interpolation") === "nearest"
      ? readOrFill(source, round(b, sourceY), round(b, sourceX), fill)
      : interpolateOrFill(source, sourceY, sourceX, fill);
  const infinite = binary(b, "Equal", expand(b, depth, shape), number(b, 0), "bool");
  const mask = expand(b, column(b, infinite), [...shape, channels]);
  return cast(b, where(b, mask, b.fill("float32", [1], fill), pixels), inputs.image!.type);
}

function interpolateOrFill(source: Source, y: Value, x: Value, fill: number): Value {
  const { b } = source;
  const [top, left] = [unary(b, "Floor", y), unary(b, "Floor", x)];
  const next = (place: Value): Value => binary(b, "Add", place, number(b, 1));
  const across = column(b, binary(b, "Sub", x, left));
  const line = (row: Value): Value =>
    mix(b, readOrFill(source, row, left, fill), readOrFill(source, row, next(left), fill), across);
  return mix(b, line(top), line(next(top)), column(b, binary(b, "Sub", y, top)));
}

/** Rotates about a centre: the source of each pixel is a constant. */
function rotate({ b, inputs, attrs }: LoweringInput): Value {
  const image = inputs.image!;
  const [images, height, width, channels] = image.shape as [number, number, number, number];
  const radians = attribute<number>(attrs, "radians");
  const fill = attribute<number | [number, number, number]>(attrs, "fillValue");
  const [centerX, centerY] = backend_util.getImageCenter(attribute<number>(attrs, "center"), height, width);
  const [sine, cosine] = [Math.sin(radians), Math.cos(radians)];
  const places = Array.from({ length: height * width }, (_, i) => {
    const [dx, dy] = [(i % width) - centerX, Math.floor(i / width) - centerY];
    const x = Math.round(dx * cosine - dy * sine + centerX);
    const y = Math.round(dx * sine + dy * cosine + centerY);
    return x >= 0 && x < width && y >= 0 && y < height ? y * width + x : height * width;
  });
  const colors = Array.from({ length: channels }, (_, c) =>
    typeof fill === "number" ? fill : c === 3 ? 255 : (fill[c] ?? 0),
  );
  // One extra pixel of the fill colour follows the image.
  const flat = cast(b, reshape(b, image, [images, height * width, channels]), "float32");
  const color = expand(b, b.constant("float32", [1, 1, channels], Float32Array.from(colors)), [images, 1, channels]);
  const extended = concat(b, [flat, color], 1);
  return cast(b, reshape(b, gather(b, extended, b.integers(places), 1), image.shape), image.type);
}

function flipLeftRight({ b, inputs }: LoweringInput): Value {
  const x = inputs.image!;
  const only = (value: number): Value => b.integers([value]);
  return b.apply("Slice", [x, only(-1), only(-(2 ** 31)), only(2), only(-1)], { type: x.type, shape: x.shape });
}

/** Kernels that sample images. */
export const sampling: LoweringTable = {
  CropAndResize: cropAndResize,
  Transform: transform,
  RotateWithOffset: rotate,
  FlipLeftRight: flipLeftRight,
};
