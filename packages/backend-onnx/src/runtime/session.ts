import type { Value } from "../graph/value.js";
import { dependencies, nodesOf } from "../graph/value.js";
import type { Graph } from "../model/encode-model.js";
import { inputName, outputName } from "../model/encode-model.js";
import type { Buffer } from "./buffer.js";
import type { ModelPurpose, OrtEnvironment } from "./environment.js";

/** A graph made ready to run: buffers in, buffers out. */
export interface Session {
  readonly graph: Graph;
  /** The engine's own handle. */
  readonly pointer: bigint;
  /** Fills the outputs. Neither list may share memory with the other. */
  runSync(inputs: readonly Buffer[], outputs: readonly Buffer[]): void;
  /**
   * The same on another thread, or on a device, where the call only hands over the work and its queue is not for several threads; the
   * buffers must stay untouched until the promise settles.
   */
  run(inputs: readonly Buffer[], outputs: readonly Buffer[]): Promise<void>;
  release(): void;
}

/** C strings, kept alive for as long as the session is. */
class NameTable {
  private readonly strings: Uint8Array[];
  readonly pointers: BigUint64Array;

  constructor(names: readonly string[], address: (bytes: Uint8Array) => bigint) {
    this.strings = names.map((name) => new TextEncoder().encode(`${name}\0`));
    this.pointers = BigUint64Array.from(this.strings, address);
  }
}

/** Whether no feed is among what the value is computed from. */
function isConstant(value: Value): boolean {
  const behind = nodesOf([value]).flatMap(dependencies);
  return [value, ...behind].every(({ source }) => source.kind !== "feed");
}

/** Convolutions with constant filters are inference: in training the filters are fed. */
function purposeOf(graph: Graph): ModelPurpose {
  const convolutions = nodesOf(graph.outputs).filter((node) => node.op === "Conv");
  return convolutions.length > 0 && convolutions.every((node) => isConstant(node.inputs[1]!))
    ? "inference"
    : "training";
}

let lastKept: unknown;

/** Holds a reference up to this point of the program. */
function keepAlive(value: unknown): void {
  lastKept = value;
  void lastKept;
}

/** Loads a model, with the inputs and outputs of `graph`, into the engine. */
export function createSession(environment: OrtEnvironment, graph: Graph, model: Uint8Array): Session {
  const { library } = environment;
  const session = environment.load(model, purposeOf(graph));
  const inputNames = new NameTable(
    graph.inputs.map((_, i) => inputName(i)),
    environment.address,
  );
  const outputNames = new NameTable(
    graph.outputs.map((_, i) => outputName(i)),
    environment.address,
  );
  const handles = (buffers: readonly Buffer[]): BigUint64Array =>
    BigUint64Array.from(buffers, (buffer) => buffer.handle);
  const argumentsOf = (inputs: readonly Buffer[], outputs: readonly Buffer[]) =>
    [
      session,
      null,
      inputNames.pointers,
      handles(inputs),
      inputs.length,
      outputNames.pointers,
      outputs.length,
      handles(outputs),
    ] as const;
  const runSync: Session["runSync"] = (inputs, outputs) => library.call("Run", ...argumentsOf(inputs, outputs));
  return {
    graph,
    pointer: session,
    runSync,
    async run(inputs, outputs) {
      if (environment.accelerator !== null) return runSync(inputs, outputs);
      const args = argumentsOf(inputs, outputs);
      await library.callAsync("Run", ...args);
      // The engine reads the lists of handles from another thread: they must outlive the call.
      keepAlive(args);
    },
    release: () => library.release("ReleaseSession", session),
  };
}
