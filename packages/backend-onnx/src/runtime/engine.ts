import type { Precision } from "@ganymede/core";
import type { ElementType, HostArray } from "../graph/value.js";
import type { Graph } from "../model/encode-model.js";
import type { Rule } from "../optimize/rewrite.js";

/** A tensor of an engine, in any memory. Its type and shape are fixed. */
export interface Buffer {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** A tensor in memory that is visible to JavaScript. */
export interface HostBuffer extends Buffer {
  readonly data: HostArray;
}

/** Allocates and releases tensors. */
export interface Buffers<Kind extends Buffer = Buffer> {
  /** A buffer with undefined contents. */
  allocate(type: ElementType, shape: readonly number[]): Kind;
  /** `allocate` for one type and shape, for repeated use. */
  supplier(type: ElementType, shape: readonly number[]): () => Kind;
  release(buffer: Kind): void;
  /** Bytes of the buffers in use. */
  readonly liveBytes: number;
  /** Bytes in total, in use or kept for reuse. */
  readonly heldBytes: number;
}

/** Memory of a backend's tensors. */
export interface TensorStore {
  /** Memory that runs read and write without a copy. */
  readonly pool: Buffers;
  /** Host memory, which runs can read too; on a device each run copies it. */
  readonly staging: Buffers<HostBuffer>;
  /** A tensor of the pool with these values, copied. */
  write(type: ElementType, shape: readonly number[], values: HostArray): Buffer;
  /** A copy of a tensor's values, after all submitted work that computes them. */
  read(buffer: Buffer): Promise<HostArray>;
  /** The same synchronously, or null if the engine is asynchronous. */
  readNow(buffer: Buffer): HostArray | null;
  /** Releases everything. */
  release(): void;
}

/** An executable graph: buffers in, buffers out. */
export interface Session {
  readonly graph: Graph;
  /**
   * Fills the outputs. The lists must not share memory, and the buffers must not be touched until the promise settles.
   */
  run(inputs: readonly Buffer[], outputs: readonly Buffer[]): Promise<void>;
  release(): void;
}

/** A session that can also run synchronously. */
export interface BlockingSession extends Session {
  runSync(inputs: readonly Buffer[], outputs: readonly Buffer[]): void;
}

/** Another engine for whole functions, over the memory of the first: it takes long to load a graph and is fast to run it. */
export interface CompiledEngine {
  /** Whether its operators may turn NaN into a number. */
  readonly losesNaN: boolean;
  /** Formats of mixed precision that it computes well; others are refused. */
  readonly precisions: readonly Precision[];
  /** Rewrites a traced graph into what this engine runs best. */
  optimize(graph: Graph): Graph;
  /** Makes a rewritten graph ready to run. */
  load(graph: Graph): Session | Promise<Session>;
}

interface EngineOf<Loaded> {
  readonly store: TensorStore;
  /** For a device, rewrites operators that it lacks; undefined for the CPU. */
  readonly operators: Rule | undefined;
  /** Loads a model, the encoding of `graph`. */
  load(graph: Graph, model: Uint8Array): Loaded;
  /** The same on another thread; absent if the engine cannot. */
  loadAside?(graph: Graph, model: Uint8Array): Promise<Session>;
  /** Runs the functions that `compile` traced; absent if this engine does so itself. */
  readonly compiled?: CompiledEngine;
  /** Registers a callback before the process exits, if the engine must be closed by then. */
  onExit(close: () => void): void;
  /** Releases it with its store, after its last session. */
  release(): void;
}

/** A synchronous engine. */
export interface BlockingEngine extends EngineOf<BlockingSession> {
  readonly blocking: true;
}

/** An asynchronous engine, as in a browser. */
export interface AsyncEngine extends EngineOf<Promise<Session>> {
  readonly blocking: false;
}

/** What the recorder and the compiler need from ONNX Runtime. */
export type Engine = BlockingEngine | AsyncEngine;
