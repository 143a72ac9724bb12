import type { Graph } from "../model/encode-model.js";
import { inputName, outputName } from "../model/encode-model.js";
import type { BlockingSession, Buffer } from "../runtime/engine.js";
import { purposeOf } from "../runtime/purpose.js";
import type { OrtEnvironment } from "./environment.js";
import type { NativeBuffer } from "./host-buffers.js";
import { keepAlive } from "./keep-alive.js";

/** On a device, `run` only submits work, because its queue is not thread-safe. On the CPU it works on another thread. */
export interface NativeSession extends BlockingSession {
  /** The engine's handle. */
  readonly pointer: bigint;
}

/** C strings, kept alive as long as the session. */
class NameTable {
  private readonly strings: Uint8Array[];
  readonly pointers: BigUint64Array;

  constructor(names: readonly string[], address: (bytes: Uint8Array) => bigint) {
    this.strings = names.map((name) => new TextEncoder().encode(`${name}\0`));
    this.pointers = BigUint64Array.from(this.strings, address);
  }
}

/** Loads a model with the inputs and outputs of `graph` into the engine. */
export function createSession(environment: OrtEnvironment, graph: Graph, model: Uint8Array): NativeSession {
  return sessionOf(environment, graph, environment.load(model, purposeOf(graph)));
}

/** `createSession` with the loading on another thread. */
export async function createSessionAside(
  environment: OrtEnvironment,
  graph: Graph,
  model: Uint8Array,
): Promise<NativeSession> {
  return sessionOf(environment, graph, await environment.loadAside(model, purposeOf(graph)));
}

/** A loaded model, by the engine's handle. */
function sessionOf(environment: OrtEnvironment, graph: Graph, session: bigint): NativeSession {
  const { library } = environment;
  const inputNames = new NameTable(
    graph.inputs.map((_, i) => inputName(i)),
    environment.address,
  );
  const outputNames = new NameTable(
    graph.outputs.map((_, i) => outputName(i)),
    environment.address,
  );
  const handles = (buffers: readonly Buffer[]): BigUint64Array => {
    const list = new BigUint64Array(buffers.length);
    // `from` would use an iterator.
    for (let i = 0; i < list.length; i++) list[i] = (buffers[i] as NativeBuffer).handle;
    return list;
  };
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
  const runSync: BlockingSession["runSync"] = (inputs, outputs) => library.call("Run", ...argumentsOf(inputs, outputs));
  return {
    graph,
    pointer: session,
    runSync,
    async run(inputs, outputs) {
      if (environment.accelerator !== null) return runSync(inputs, outputs);
      const args = argumentsOf(inputs, outputs);
      await library.callAsync("Run", ...args);
      // The engine reads the lists of handles from another thread, so they must outlive the call.
      keepAlive(args);
    },
    release: () => library.release("ReleaseSession", session),
  };
}
