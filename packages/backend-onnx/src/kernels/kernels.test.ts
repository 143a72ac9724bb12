import { compile, fold, key, normal } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { beforeAll, describe, expect, it } from "vitest";
import { onnxBackend } from "../backend.js";
import { expectAgreement } from "../fixtures/agreement.js";

const random = (label: string, shape: number[]): tf.Tensor => normal(fold(key(3), label), shape as [number]);
const integers = (values: number[]): tf.Tensor1D => tf.tensor1d(values, "int32");
const signal = (): tf.Tensor => tf.complex(random("real", [2, 6]), random("imag", [2, 6]));
const run = (kernel: string, inputs: tf.NamedTensorMap, attrs: object): tf.Tensor =>
  tf.engine().runKernel(kernel, inputs, attrs as tf.NamedAttrMap) as tf.Tensor;

const scattering: Record<string, () => tf.Tensor> = {
  bincount: () => tf.bincount(integers([1, 0, 5, 1, 9]), tf.tensor1d([1, 2, 3, 4, 5]), 6),
  bincountOnes: () => tf.bincount(integers([1, 0, 5, 1]), tf.tensor1d([]), 4),
  denseBincount: () =>
    tf.denseBincount(tf.tensor2d([1, 0, 1, 7], [2, 2], "int32"), tf.tensor2d([1, 2, 3, 4], [2, 2]), 3),
  denseBincountBinary: () =>
    tf.denseBincount(tf.tensor2d([1, 1, 0, 7], [2, 2], "int32"), tf.tensor2d([], [0, 0]), 3, true),
  lowerBound: () => tf.lowerBound(tf.tensor2d([1, 2, 2, 5, 0, 3, 4, 9], [2, 4]), tf.tensor2d([2, 7, 3, -1], [2, 2])),
  upperBound: () => tf.upperBound(tf.tensor1d([1, 2, 2, 5]), tf.tensor1d([2, 0, 6])),
  scatterBool: () =>
    tf.cast(tf.scatterND(tf.tensor2d([1, 3], [2, 1], "int32"), tf.tensor1d([true, true]), [4]), "int32"),
  sparseToDense: () =>
    tf.sparseToDense(tf.tensor2d([0, 1, 2, 0], [2, 2], "int32"), tf.tensor1d([5, 6]), [3, 2], tf.scalar(-1)),
  tensorScatterUpdate: () =>
    tf.tensorScatterUpdate(random("t", [4, 3]), tf.tensor2d([1, 3], [2, 1], "int32"), random("u", [2, 3])),
};

const others: Record<string, () => tf.Tensor> = {
  argMaxNaN: () => tf.argMax(tf.tensor1d([1, Number.NaN, 3])),
  bitwiseAnd: () => tf.bitwiseAnd(integers([12, 7, -1]), integers([10, 3, 5])),
  cumprod: () => tf.cumprod(random("c", [3, 5]), 1),
  cumprodBackwards: () => tf.cumprod(random("c", [4, 3]), 0, true, true),
  diag: () => tf.diag(tf.tensor2d([1, 2, 3, 4], [2, 2])),
  diagBool: () => tf.diag(tf.tensor1d([true, false, true])),
  einsum: () => tf.einsum("bij,bjk->bki", random("x", [2, 3, 4]), random("y", [2, 4, 5])),
  einsumSum: () => tf.einsum("ij->j", random("x", [3, 4])),
  eluGradient: () => run("EluGrad", { dy: random("dy", [6]), y: tf.elu(random("x", [6])) }, {}),
  expInteger: () => tf.exp(integers([0, 1, 10])),
  matMulInteger: () => tf.matMul(tf.ones([2, 3], "int32"), tf.fill([2, 3], 4, "int32"), false, true),
  maxNaN: () => tf.max(tf.tensor2d([1, Number.NaN, 3, 2], [2, 2]), 1),
  preluInteger: () => tf.prelu(integers([-2, 3]), integers([2, 2])),
  rangeDown: () => tf.range(5, 0),
  roundInteger: () => tf.round(integers([3, -2])),
  signNaN: () => tf.sign(tf.tensor1d([-3, Number.NaN, 2])),
  stepNaN: () => tf.step(tf.tensor1d([-3, Number.NaN, 2]), 0.1),
  whereBool: () => tf.where(tf.tensor1d([true, false]), tf.tensor1d([false, true]), tf.tensor1d([true, true])),
  zeroSize: () => tf.matMul(tf.zeros([0, 3]), tf.zeros([3, 2])),
  zeroSizeConcat: () => tf.concat([tf.zeros([2, 0]), tf.zeros([2, 0])], 1),
};

const complex: Record<string, () => tf.Tensor> = {
  abs: () => tf.abs(signal()),
  fft: () => tf.real(tf.spectral.fft(signal())),
  fftImaginary: () => tf.imag(tf.spectral.fft(signal())),
  ifft: () => tf.imag(tf.spectral.ifft(signal())),
  rfft: () => tf.imag(tf.spectral.rfft(random("s", [3, 8]))),
  irfft: () => tf.spectral.irfft(tf.spectral.rfft(random("s", [3, 8]))),
  product: () => tf.real(tf.mul(signal(), signal())),
  concat: () => tf.imag(tf.concat([signal(), signal()], 0)),
  stft: () => tf.real(tf.signal.stft(random("s", [32]) as tf.Tensor1D, 8, 4)),
};

const host: Record<string, () => tf.Tensor> = {
  boxes: () =>
    tf.image.nonMaxSuppression(
      tf.tensor2d([0, 0, 1, 1, 0, 0, 1, 0.9, 2, 2, 3, 3], [3, 4]),
      tf.tensor1d([0.9, 0.8, 0.7]),
      3,
    ),
  multinomial: () => tf.multinomial(tf.tensor2d([0.2, 0.8, 0.5, 0.5], [2, 2]), 20, 7, true),
  segments: () => tf.sparse.sparseSegmentSum(random("d", [4, 2]), integers([0, 2, 3]), integers([0, 0, 1])),
  text: () => tf.concat([tf.tensor1d(["a", "b"]), tf.tensor1d(["c"])]),
  textSplit: () => tf.string.stringSplit(tf.tensor1d(["one two", "three"]), tf.scalar(" ")).values as tf.Tensor,
  unique: () => tf.unique(integers([3, 1, 3, 2])).values,
};

describe("kernels agree with the reference backend", () => {
  beforeAll(() => onnxBackend().activate());
  const cases = {
    ...scattering,
    ...others,
    ...Object.fromEntries(Object.entries(complex).map(([name, make]) => [`complex ${name}`, make])),
  };
  it.each(Object.keys(cases))("%s", (name) => expectAgreement(cases[name]!));
  it.each(Object.keys(host))("on the host: %s", (name) => expectAgreement(host[name]!, { host: true }));
});

describe("an operation that fails when it is computed", () => {
  beforeAll(() => onnxBackend().activate());

  it("says so each time it is read, and leaves all others alone", async () => {
    const good = tf.add(tf.tensor1d([1, 2]), 1);
    const bad = tf.gather(tf.tensor1d([1, 2]), integers([9]));
    const after = tf.mul(good, 2);
    expect([...(await after.data())]).toEqual([4, 6]);
    expect([...(await good.data())]).toEqual([2, 3]);
    await expect(bad.data()).rejects.toThrow(/Gather/);
    expect(() => tf.add(bad, 1).dataSync()).toThrow(/Gather/);
    expect([...(await tf.add(good, 1).data())]).toEqual([3, 4]);
  });
});

describe("memory", () => {
  beforeAll(() => onnxBackend().activate());

  it("is given back with complex tensors and clones", async () => {
    const before = tf.memory();
    const clone = tf.tidy(() => tf.clone(tf.spectral.fft(signal() as tf.Tensor)));
    await clone.data();
    tf.dispose(clone);
    expect({ tensors: tf.memory().numTensors, data: tf.memory().numDataBuffers }).toEqual({
      tensors: before.numTensors,
      data: before.numDataBuffers,
    });
  });

  it("stays flat over eager steps, read or not", async () => {
    const backend = tf.backend() as unknown as { pool: { liveBytes: number } };
    const step = (read: boolean): void => {
      tf.tidy(() => {
        const y = tf.matMul(random("x", [8, 8]) as tf.Tensor2D, tf.ones([8, 8]));
        if (read) y.dataSync();
      });
    };
    step(true);
    const before = backend.pool.liveBytes;
    for (let i = 0; i < 20; i++) step(i % 2 === 0);
    expect(backend.pool.liveBytes).toBeLessThanOrEqual(before);
  });
});

describe("compiled functions", () => {
  beforeAll(() => onnxBackend().activate());

  it("transform signals", async () => {
    const power = compile((x: tf.Tensor) => ({ power: tf.abs(tf.spectral.rfft(x)) }));
    const x = tf.tensor2d([1, 2, 3, 4], [1, 4]);
    const [compiled, eager] = [await (await power(x)).power.data(), await tf.abs(tf.spectral.rfft(x)).data()];
    expect([...compiled]).toEqual([...eager]);
    expect(compiled[0]).toBeCloseTo(10, 5);
  });

  it("are traced again after the backend was disposed of", async () => {
    const double = compile((x: tf.Tensor) => ({ y: tf.mul(x, 2) }));
    await double(tf.scalar(1));
    tf.backend().dispose();
    expect([...(await (await double(tf.scalar(3))).y.data())]).toEqual([6]);
  });

  it("take and give no complex tensors", async () => {
    const identity = compile((x: tf.Tensor) => ({ x }));
    await expect(identity(tf.complex([1], [2]))).rejects.toThrow(
      /must be float32, int32 or bool tensors, got complex64/,
    );
    const spectrum = compile((x: tf.Tensor) => ({ y: tf.spectral.rfft(x) }));
    await expect(spectrum(tf.tensor1d([1, 2]))).rejects.toThrow(
      /must be float32, int32 or bool tensors, got complex64/,
    );
  });
});
