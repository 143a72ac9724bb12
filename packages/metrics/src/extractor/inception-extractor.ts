import type { Extractor, PixelShape } from "@ganymede/core";
import { compile, disposeTree, expectPixels, GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { type ClassifierParams, type InceptionParams, inceptionFeatures, inceptionLogits } from "./inception.js";
import { type FeatureSize, logitCount } from "./inception-table.js";

/** Parts of an Inception extractor, which takes ownership of the tensors. */
export interface InceptionWeights {
  readonly id: string;
  readonly dims: readonly FeatureSize[];
  readonly layers: InceptionParams;
  readonly classifier?: ClassifierParams;
}

/** Most images per run: enough to use the device fully, few enough for 299x299 maps of 64 channels to fit in memory. */
const mostImages = 16;

/** Repeats a single channel three times, and pads the last run with black, so that the shape is constant. */
function fillRun(images: Uint8Array, first: number, size: number, shape: PixelShape): Float32Array {
  const [batch, height, width, channels] = shape;
  const pixels = height * width;
  const out = new Float32Array(size * pixels * 3);
  const count = Math.min(size, batch - first) * pixels;
  const begin = first * pixels * channels;
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) out[i * 3 + c] = images[begin + i * channels + (channels === 1 ? 0 : c)]!;
  }
  return out;
}

type Network = (images: tf.Tensor4D) => Promise<tf.Tensor>;

async function runInParts(run: Network, images: Uint8Array, shape: PixelShape, width: number): Promise<Float32Array> {
  expectPixels(images, shape, "extractor");
  const [batch, rows, columns] = shape;
  const size = Math.min(mostImages, batch);
  const out = new Float32Array(batch * width);
  for (let first = 0; first < batch; first += size) {
    const input = tf.tensor4d(fillRun(images, first, size, shape), [size, rows, columns, 3]);
    const result = await run(input);
    const values = (await result.data()) as Float32Array;
    out.set(values.subarray(0, Math.min(size, batch - first) * width), first * width);
    tf.dispose([input, result]);
  }
  return out;
}

/** The FID Inception network on the current backend, compiled if the backend supports it. */
export function inceptionExtractor({ id, dims, layers, classifier }: InceptionWeights): Extractor {
  // The weights are not arguments: as constants of the compiled function they can be laid out once for the fastest convolutions.
  const features = compile((images: tf.Tensor4D, size: FeatureSize) => inceptionFeatures(layers, images, size));
  const logits = compile((images: tf.Tensor4D) =>
    inceptionLogits(classifier as ClassifierParams, inceptionFeatures(layers, images, 2048)),
  );
  const logitsOf = {
    width: logitCount,
    apply: (pixels: Uint8Array, shape: PixelShape) => runInParts(logits, pixels, shape, logitCount),
  };
  return {
    id,
    preprocessing: "bilinear to 299x299 with half-pixel centres, then 2x/255 - 1",
    dims,
    async features(images, shape, size) {
      const width = dims.find((each) => each === size);
      if (width === undefined) {
        throw new GanymedeError(
          "unsupported",
          `${id}: these weights support features of width ${dims.join(", ")}, got ${size}; pass the complete file with --inception`,
        );
      }
      return runInParts((batch) => features(batch, width), images, shape, width);
    },
    ...(classifier !== undefined && { logits: logitsOf }),
    dispose: () => disposeTree(classifier === undefined ? layers : [layers, classifier]),
  };
}
