import type { ElementType, HostArray } from "../graph/value.js";
import type { Graph } from "../model/encode-model.js";
import type { Rule } from "../optimize/rewrite.js";

/** One tensor of an engine, wherever its memory is. It has a fixed type and shape; the engine that made it knows the rest. */
export interface Buffer {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** A tensor in memory that JavaScript sees too. */
export interface HostBuffer extends Buffer {
  readonly data: HostArray;
}

/** Gives out tensors and takes them back. */
export interface Buffers<Kind extends Buffer = Buffer> {
  /** A buffer whose contents are whatever they were. */
  allocate(type: ElementType, shape: readonly number[]): Kind;
  /** `allocate` for one type and shape, again and again. */
  supplier(type: ElementType, shape: readonly number[]): () => Kind;
  release(buffer: Kind): void;
  /** Bytes of the buffers that are out. */
  readonly liveBytes: number;
  /** Bytes that are held, in use or kept for use. */
  readonly heldBytes: number;
}

/** Where the tensors of a backend lie. */
export interface TensorStore {
  /** What runs write, and read again, without a copy. */
  readonly pool: Buffers;
  /** Memory of the host, which runs may read too; on a device each copies it there. */
  readonly staging: Buffers<HostBuffer>;
  /** A tensor of the pool with these values, which are its own from then on. */
  write(type: ElementType, shape: readonly number[], values: HostArray): Buffer;
  /** A copy of a tensor's values, when all that was asked to compute them is done. */
  read(buffer: Buffer): Promise<HostArray>;
  /** The same at once, or null where only waiting brings them. */
  readNow(buffer: Buffer): HostArray | null;
  /** Gives everything back. */
  release(): void;
}

/** A graph made ready to run: buffers in, buffers out. */
export interface Session {
  readonly graph: Graph;
  /**
   * Fills the outputs. Neither list may share memory with the other, and the buffers must stay untouched until the promise settles.
   */
  run(inputs: readonly Buffer[], outputs: readonly Buffer[]): Promise<void>;
  release(): void;
}

/** A session that can also fill its outputs before the call returns. */
export interface BlockingSession extends Session {
  runSync(inputs: readonly Buffer[], outputs: readonly Buffer[]): void;
}

interface EngineOf<Loaded> {
  readonly store: TensorStore;
  /** For a device, writes what it lacks in operators that it has; for the CPU left out. */
  readonly operators: Rule | undefined;
  /** Makes a model, which encodes `graph`, ready to run. */
  load(graph: Graph, model: Uint8Array): Loaded;
  /** Calls back before the process ends, where the engine must be closed by then. */
  onExit(close: () => void): void;
  /** Ends it, after its last session; its store goes with it. */
  release(): void;
}

/** An engine of this process: what is asked of it is done when the call returns. */
export interface BlockingEngine extends EngineOf<BlockingSession> {
  readonly blocking: true;
}

/** An engine that JavaScript must wait for, as in a browser. */
export interface WaitingEngine extends EngineOf<Promise<Session>> {
  readonly blocking: false;
}

/** What the recorder and the compiler need of ONNX Runtime. */
export type Engine = BlockingEngine | WaitingEngine;
