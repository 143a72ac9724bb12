/** Ops that a backend cannot do, each with the kernel that it lacks. The test fails for any other, and for one of these that works. */
export const lacking: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  wasm: {
    conv2d: "lacks Conv2DBackpropFilter",
    "conv2d strided": "lacks Conv2DBackpropFilter",
    conv2dTranspose: "lacks Conv2DBackpropFilter",
    depthwiseConv2d: "lacks DepthwiseConv2dNativeBackpropInput",
    einsum: "lacks Einsum",
    gather: "lacks UnsortedSegmentSum",
    "gather columns": "lacks UnsortedSegmentSum",
    unsortedSegmentSum: "lacks UnsortedSegmentSum",
  },
};
