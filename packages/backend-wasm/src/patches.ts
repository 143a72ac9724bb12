import * as tf from "@tensorflow/tfjs-core";

/** The geometry of a convolution of images [B, H, W, C], as tfjs-core computes it. */
export type ConvInfo = ReturnType<typeof tf.backend_util.computeConv2DInfo>;

/** Extent of the padded image that the windows cover, in height and width. */
function reach(info: ConvInfo): readonly [number, number] {
  return [
    (info.outHeight - 1) * info.strideHeight + (info.filterHeight - 1) * info.dilationHeight + 1,
    (info.outWidth - 1) * info.strideWidth + (info.filterWidth - 1) * info.dilationWidth + 1,
  ];
}

/** Calls `each` for every position (i, j) of the filter. */
export function overFilter<T>(info: ConvInfo, each: (i: number, j: number) => T): T[] {
  const places = Array.from({ length: info.filterHeight * info.filterWidth }, (_, place) => place);
  return places.map((place) => each(Math.floor(place / info.filterWidth), place % info.filterWidth));
}

/** Zero-pads images to the extent of the windows: [B, H', W', C]. */
export function padded(x: tf.Tensor4D, info: ConvInfo): tf.Tensor4D {
  const { top, left } = info.padInfo;
  const [height, width] = reach(info);
  const after = (size: number, before: number, wanted: number): number => Math.max(0, wanted - before - size);
  return tf.pad(x, [
    [0, 0],
    [top, after(info.inHeight, top, height)],
    [left, after(info.inWidth, left, width)],
    [0, 0],
  ]);
}

/** The pixel of the padded images at filter position (i, j), per output: [B, outH, outW, C]. */
export function patch(x: tf.Tensor4D, info: ConvInfo, i: number, j: number): tf.Tensor4D {
  const [top, left] = [i * info.dilationHeight, j * info.dilationWidth];
  const end = [
    info.batchSize,
    top + (info.outHeight - 1) * info.strideHeight + 1,
    left + (info.outWidth - 1) * info.strideWidth + 1,
    info.inChannels,
  ];
  return tf.stridedSlice(x, [0, top, left, 0], end, [1, info.strideHeight, info.strideWidth, 1]) as tf.Tensor4D;
}

/** The adjoint of `padded` and `patch`: scatters each output to its input pixel, [B, H, W, C]. */
export function unpatch(y: tf.Tensor4D, info: ConvInfo, i: number, j: number): tf.Tensor4D {
  const { batchSize, outHeight, outWidth, strideHeight, strideWidth, inChannels, inHeight, inWidth } = info;
  const apart = tf.pad(tf.reshape(y, [batchSize, outHeight, 1, outWidth, 1, inChannels]), [
    [0, 0],
    [0, 0],
    [0, strideHeight - 1],
    [0, 0],
    [0, strideWidth - 1],
    [0, 0],
  ]);
  const spread = tf.reshape<tf.Rank.R4>(apart, [
    batchSize,
    outHeight * strideHeight,
    outWidth * strideWidth,
    inChannels,
  ]);
  const [top, left] = [i * info.dilationHeight - info.padInfo.top, j * info.dilationWidth - info.padInfo.left];
  const moved = shifted(shifted(spread, 1, top, inHeight), 2, left, inWidth);
  return moved;
}

/** Shifts x by `offset` along an axis and crops or zero-pads it to `size`. */
function shifted(x: tf.Tensor4D, axis: number, offset: number, size: number): tf.Tensor4D {
  const along = (before: number, after: number) =>
    x.shape.map((_, k): [number, number] => (k === axis ? [before, after] : [0, 0]));
  const filled = tf.pad(x, along(Math.max(0, offset), Math.max(0, size - offset - x.shape[axis]!)));
  const begin = x.shape.map((_, k) => (k === axis ? Math.max(0, -offset) : 0));
  return tf.slice(
    filled,
    begin,
    x.shape.map((length, k) => (k === axis ? size : length)),
  ) as tf.Tensor4D;
}
