import { availableParallelism } from "node:os";
import type { OperatorSettings } from "./operator-settings.js";
import { findPython } from "./peers.js";
import type { Comparison } from "./rounds.js";
import { compareAll } from "./rounds.js";
import { nodeSide, pythonSide } from "./worker-side.js";

type Bench = (rounds: number, log: (text: string) => void) => Promise<Comparison[]>;

async function against(
  name: string,
  ours: OperatorSettings,
  theirs: string,
  rounds: number,
  log: (text: string) => void,
) {
  const python = findPython("torch");
  if (python === undefined) {
    log(`bench: no Python that can import torch was found for ${name}; set GANYMEDE_PYTHON`);
    return [];
  }
  const label = theirs === "fused-attention" ? "pytorch fused" : "pytorch eager";
  const our = nodeSide("onnx", "operator-worker.js", ours);
  const their = pythonSide(label, python, "pytorch/operators.py", { ...ours, case: theirs });
  try {
    return await compareAll(name, [our], [their], { rounds, warmUps: 2 }, log);
  } finally {
    for (const side of [our, their]) side.close();
  }
}

const threads = availableParallelism();

/** Products of attention alone, forward and backward, at growing numbers of tokens, 6 heads of width 64, 4,096 tokens a batch. */
export const benchProducts: Bench = async (rounds, log) => {
  const rows: Comparison[] = [];
  for (const tokens of [64, 256, 1024, 4096]) {
    const sizes = { threads, heads: 6, width: 64, tokens, batch: 4096 / tokens };
    const name = `attention ${tokens} tokens`;
    rows.push(...(await against(name, { case: "attention", ...sizes }, "attention", rounds, log)));
    rows.push(
      ...(await against(
        `${name}, efficient`,
        { case: "efficient-attention", ...sizes },
        "fused-attention",
        rounds,
        log,
      )),
    );
  }
  return rows;
};

/** Two 3x3 convolutions forward and backward. */
export const benchConvolution: Bench = async (rounds, log) => {
  const settings = { case: "convolution", threads, batch: 16, channels: 128, side: 32 } as const;
  return against("convolutions 3x3, 128 channels, 32x32", settings, "convolution", rounds, log);
};

/** Inception features of 16 images: against PyTorch as pytorch-fid runs it, and with batch norm folded as ours is. */
export const benchInception: Bench = async (rounds, log) => {
  const rows: Comparison[] = [];
  for (const folded of [false, true]) {
    const settings = { case: "inception", threads, batch: 16, dims: 2048, folded } as const;
    const name = `inception features, 16 images, 2048 dims${folded ? ", folded" : ""}`;
    rows.push(...(await against(name, settings, "inception", rounds, log)));
  }
  return rows;
};
