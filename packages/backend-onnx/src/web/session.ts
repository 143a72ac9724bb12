import { GanymedeError } from "@ganymede/core";
import type { Tensor } from "onnxruntime-web/wasm";
import type { Graph } from "../model/encode-model.js";
import { inputName, outputName } from "../model/encode-model.js";
import type { Buffer, Session } from "../runtime/engine.js";
import { purposeOf } from "../runtime/purpose.js";
import type { Ort, WebProvider } from "./ort.js";
import type { Turns } from "./turns.js";
import type { WebBuffer } from "./web-buffer.js";
import { tensorOf } from "./web-buffer.js";

/** A program of onnxruntime-web, and the queue of its tasks. */
export interface WebRuntime {
  readonly ort: Ort;
  readonly provider: WebProvider;
  readonly turn: Turns;
}

const executionProvider = { cpu: "wasm", webgpu: "webgpu" } as const satisfies Record<WebProvider, string>;

/** Excludes warnings about operators that run on the CPU because they only compute shapes. */
const errorSeverity = 3;

async function explain<Result>(what: string, task: Promise<Result>): Promise<Result> {
  try {
    return await task;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new GanymedeError("unsupported", `onnx backend: ONNX Runtime's ${what} failed: ${message}`, { cause });
  }
}

/** Loads a model with the inputs and outputs of `graph`. */
export async function createWebSession(
  { ort, provider, turn }: WebRuntime,
  graph: Graph,
  model: Uint8Array,
): Promise<Session> {
  const options = {
    executionProviders: [executionProvider[provider]],
    // Our own passes simplify training graphs.
    graphOptimizationLevel: purposeOf(graph) === "training" ? "disabled" : "all",
    enableMemPattern: false,
    logSeverityLevel: errorSeverity,
  } as const;
  const session = await turn(() => explain("session", ort.InferenceSession.create(model, options)));
  const outputNames = graph.outputs.map((_, i) => outputName(i));
  const feedsOf = (inputs: readonly Buffer[]): Record<string, Tensor> =>
    Object.fromEntries(inputs.map((buffer, i) => [inputName(i), tensorOf(ort, buffer)]));
  const runs: Readonly<Record<WebProvider, Session["run"]>> = {
    // The program writes results to its own memory; each is returned in a new array.
    async cpu(inputs, outputs) {
      const results = await explain("run", session.run(feedsOf(inputs), outputNames));
      outputs.forEach((buffer, i) => {
        (buffer as WebBuffer).tensor = results[outputNames[i]!];
      });
    },
    // Results are written to the buffers in place.
    async webgpu(inputs, outputs) {
      const places = Object.fromEntries(outputs.map((buffer, i) => [outputNames[i]!, tensorOf(ort, buffer)]));
      await explain("run", session.run(feedsOf(inputs), places));
    },
  };
  return {
    graph,
    run: (inputs, outputs) => turn(() => runs[provider](inputs, outputs)),
    // Nothing awaits this; the next task waits until it has finished.
    release: () => void turn(() => session.release()),
  };
}
