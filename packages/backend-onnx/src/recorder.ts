import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import type { Entry } from "./entry.js";
import { elementType, toHostArray } from "./entry.js";
import { GraphBuilder } from "./graph/builder.js";
import type { Value } from "./graph/value.js";
import type { Lowering } from "./lowering/lowering.js";
import type { Buffer, BufferPool } from "./runtime/buffer.js";
import type { OrtEnvironment } from "./runtime/environment.js";
import type { Session } from "./runtime/session.js";
import { SessionCache } from "./runtime/session-cache.js";
import type { TensorStore } from "./runtime/store.js";

/** Constants of a traced function are compared element by element with their first up to this size. */
const splatLimit = 1 << 22;

/**
 * A tfjs backend whose kernels do not compute: they add a node to a graph. Reading a tensor runs the graph of all tensors
 * that are alive; `compile` runs whole functions.
 */
export class OnnxBackend extends tf.KernelBackend {
  readonly sessions: SessionCache;
  private readonly entries: tf.DataStorage<Entry>;
  /** Every entry that tfjs knows: its storage cannot be walked through. */
  private readonly live = new Set<Entry>();
  private readonly pending = new Set<Entry>();
  private readonly owned = new Set<Session>();
  private eager = new GraphBuilder();
  private feeds = new Map<Value, Entry>();
  private trace: GraphBuilder | null = null;

  constructor(
    readonly environment: OrtEnvironment,
    readonly store: TensorStore,
  ) {
    super();
    this.entries = new tf.DataStorage<Entry>(this, tf.engine() as never);
    this.sessions = new SessionCache(environment);
  }

  /** The memory that runs read and write. */
  get pool(): BufferPool {
    return this.store.pool;
  }

  override numDataIds(): number {
    return this.entries.numDataIds();
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override timerAvailable(): boolean {
    return true;
  }

  /** Milliseconds that the function's kernels take, computed to the end. */
  override async time(run: () => void): Promise<tf.BackendTimingInfo> {
    const start = performance.now();
    run();
    if (this.trace === null && this.pending.size > 0) this.flush();
    return { kernelMs: performance.now() - start } as tf.BackendTimingInfo;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  /** Keeps a copy of the values: the caller may go on writing into its array. */
  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    if (dtype === "string") {
      const given = (values ?? []) as readonly (string | Uint8Array)[];
      const text = given.map((item) => (typeof item === "string" ? tf.util.encodeString(item) : item));
      this.keep(dataId, { type: "uint8", shape, references, pins: 0, text });
      return;
    }
    if (dtype === "complex64") {
      const { real, imag } = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
      const part = (data: Float32Array): tf.TensorInfo => ({
        dataId: this.write(data, shape, "float32"),
        shape,
        dtype: "float32",
      });
      this.keep(dataId, {
        type: "float32",
        shape,
        references,
        pins: 0,
        parts: { real: part(real), imag: part(imag) },
      });
      return;
    }
    const type = elementType(dtype);
    const host = values === null || values === undefined ? undefined : toHostArray(type, values as ArrayLike<number>);
    this.keep(dataId, { type, shape, references, pins: 0, host });
  }

  private keep(dataId: object, entry: Entry): void {
    this.entries.set(dataId, entry);
    this.live.add(entry);
  }

  /** Gives a new entry an identity, under which tfjs knows it. */
  adopt(entry: Entry): object {
    const dataId = {};
    this.keep(dataId, entry);
    return dataId;
  }

  entry(dataId: object): Entry {
    return this.entries.get(dataId);
  }

  override refCount(dataId: object): number {
    return this.entries.has(dataId) ? this.entries.get(dataId).references : 0;
  }

  override incRef(dataId: object): void {
    this.entries.get(dataId).references += 1;
  }

  decRef(dataId: object): void {
    if (this.entries.has(dataId)) this.entries.get(dataId).references -= 1;
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.entries.has(dataId)) return true;
    const entry = this.entries.get(dataId);
    entry.references -= 1;
    if (!force && entry.references > 0) return false;
    this.entries.delete(dataId);
    this.live.delete(entry);
    this.pending.delete(entry);
    entry.references = 0;
    if (entry.parts !== undefined) {
      this.disposeData(entry.parts.real.dataId, true);
      this.disposeData(entry.parts.imag.dataId, true);
    }
    this.releaseMemory(entry);
    // A graph of which nothing is wanted any more would only hold on to its inputs.
    if (this.pending.size === 0 && this.feeds.size > 0 && this.trace === null) this.abandonGraph();
    return true;
  }

  pin(entry: Entry): void {
    entry.pins += 1;
  }

  unpin(entry: Entry): void {
    entry.pins -= 1;
    if (entry.references === 0) this.releaseMemory(entry);
  }

  private releaseMemory(entry: Entry): void {
    if (entry.pins > 0 || entry.buffer === undefined) return;
    this.pool.release(entry.buffer);
    entry.buffer = undefined;
  }

  /** Memory of the engine that holds the entry's values. */
  bufferOf(entry: Entry): Buffer {
    if (entry.buffer !== undefined) return entry.buffer;
    if (entry.text !== undefined) elementType("string");
    if (entry.parts !== undefined) elementType("complex64");
    if (entry.node?.builder === this.eager) this.flush();
    if (entry.buffer !== undefined) return entry.buffer;
    if (entry.failure !== undefined) throw entry.failure;
    if (entry.host === undefined && entry.node !== undefined) {
      throw new GanymedeError(
        "unsupported",
        `onnx backend: a tensor must belong to a graph that ran, got one of shape [${entry.shape.join()}] that was made while a function was traced; return it from the function`,
      );
    }
    const { type, shape, host } = entry;
    const buffer = host === undefined ? this.pool.allocate(type, shape) : this.store.write(type, shape, host);
    entry.buffer = buffer;
    entry.host = undefined;
    return buffer;
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    const entry = this.entries.get(dataId);
    if (this.trace !== null) {
      throw new GanymedeError(
        "unsupported",
        "compile: a traced function must not read the values of tensors, got a read of one; return it and read the result",
      );
    }
    if (entry.text !== undefined) return entry.text.slice();
    if (entry.parts !== undefined) {
      const [real, imag] = [entry.parts.real, entry.parts.imag].map(
        (part) => this.readSync(part.dataId) as Float32Array,
      );
      return tf.backend_util.mergeRealAndImagArrays(real!, imag!);
    }
    if (entry.host !== undefined) return entry.host.slice() as tf.backend_util.BackendValues;
    return this.store.read(this.bufferOf(entry)) as tf.backend_util.BackendValues;
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    return this.readSync(dataId);
  }

  /** Whether a function is being traced, in which tensors have no values. */
  get tracing(): boolean {
    return this.trace !== null;
  }

  /** The graph that kernels go to. */
  get builder(): GraphBuilder {
    return this.trace ?? this.eager;
  }

  /** Runs one kernel: adds its nodes to the graph and returns what stands for its outputs. */
  record(lowering: Lowering, inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap): tf.TensorInfo | tf.TensorInfo[] {
    const b = this.builder;
    const values: Record<string, Value> = {};
    for (const [name, info] of Object.entries(inputs)) {
      if (info !== undefined && info !== null) values[name] = this.valueFor(info);
    }
    const result = lowering({ b, inputs: values, attrs });
    return Array.isArray(result) ? result.map((value) => this.wrap(value)) : this.wrap(result);
  }

  /** What stands for a tensor in the graph. */
  valueFor(info: tf.TensorInfo): Value {
    return this.nodeOf(this.entries.get(info.dataId));
  }

  /** A complex tensor of two graph values. */
  wrapComplex(real: Value, imag: Value): tf.TensorInfo {
    const parts = { real: this.wrap(real), imag: this.wrap(imag) };
    const entry: Entry = { type: "float32", shape: real.shape, references: 1, pins: 0, parts };
    return { dataId: this.adopt(entry), shape: [...real.shape], dtype: "complex64" };
  }

  /** A tensor of a graph value. */
  wrap(computed: Value): tf.TensorInfo {
    const type = computed.type as "float32" | "int32" | "bool";
    const builder = this.trace ?? this.eager;
    // Nothing need be computed to have no elements, and some of the engine's operators end the process when asked to.
    const empty = computed.shape.includes(0);
    const value = empty ? builder.constant(type, computed.shape, toHostArray(type, [])) : computed;
    const entry: Entry = { type, shape: value.shape, references: 1, pins: 0, node: { builder, value } };
    if (this.trace === null) this.pending.add(entry);
    return { dataId: this.adopt(entry), shape: [...value.shape], dtype: type };
  }

  /** What stands for the tensor in the function that is being traced. */
  valueOfTensor(tensor: tf.Tensor): Value {
    return this.valueFor(tensor);
  }

  /** What stands for the entry in the graph under construction. */
  private nodeOf(entry: Entry): Value {
    const builder = this.trace ?? this.eager;
    if (entry.node?.builder === builder) return entry.node.value;
    // What can be in no graph says so here, and not when another tensor is read.
    if (entry.failure !== undefined || entry.text !== undefined || entry.parts !== undefined) this.bufferOf(entry);
    if (this.trace !== null) return this.constantOf(entry, this.trace);
    const value = builder.feed(entry.type, entry.shape);
    entry.node = { builder, value };
    this.feeds.set(value, entry);
    this.pin(entry);
    return value;
  }

  /** Inside a traced function, a tensor that is no argument is a constant. */
  private constantOf(entry: Entry, builder: GraphBuilder): Value {
    const data = entry.host ?? this.withoutTrace(() => this.store.read(this.bufferOf(entry)));
    const elements = data as Float32Array;
    const isSplat =
      elements.length > 1 && elements.length <= splatLimit && elements.every((x) => Object.is(x, elements[0]));
    const value = builder.constant(entry.type, entry.shape, isSplat ? data.slice(0, 1) : data);
    entry.node = entry.buffer === undefined ? { builder, value } : entry.node;
    return value;
  }

  private withoutTrace<Result>(body: () => Result): Result {
    const trace = this.trace;
    this.trace = null;
    try {
      return body();
    } finally {
      this.trace = trace;
    }
  }

  /** Runs `body` with its kernels going to `builder`. */
  traceInto<Result>(builder: GraphBuilder, body: () => Result): Result {
    if (this.trace !== null) return body();
    this.trace = builder;
    try {
      return body();
    } finally {
      this.trace = null;
    }
  }

  /** Computes every tensor that is alive and not yet computed. */
  private flush(): void {
    const targets = [...this.pending].filter((entry) => entry.node?.builder === this.eager);
    const inputs = [...this.feeds.keys()];
    const feeds = inputs.map((value) => this.feeds.get(value)!);
    for (const entry of feeds) entry.node = undefined;
    try {
      const inputBuffers = feeds.map((entry) => this.bufferOf(entry));
      const failure = this.compute(targets, inputs, inputBuffers);
      // One operation that fails must not take the results of all the others with it.
      if (failure !== undefined) {
        for (const entry of targets) entry.failure = this.compute([entry], inputs, inputBuffers);
      }
    } finally {
      this.abandonGraph();
    }
  }

  /** Runs the graph of some tensors; gives what went wrong. */
  private compute(targets: readonly Entry[], inputs: readonly Value[], inputBuffers: readonly Buffer[]): unknown {
    const outputs = targets.map((entry) => entry.node!.value);
    const buffers = targets.map((entry) => this.pool.allocate(entry.type, entry.shape));
    try {
      this.sessions.get({ inputs, outputs }).runSync(inputBuffers, buffers);
    } catch (failure) {
      for (const buffer of buffers) this.pool.release(buffer);
      return failure;
    }
    targets.forEach((entry, i) => {
      entry.buffer = buffers[i];
      entry.node = undefined;
    });
    return undefined;
  }

  /** Starts an empty graph and lets go of what the last one read. */
  private abandonGraph(): void {
    const feeds = [...this.feeds.values()];
    this.eager = new GraphBuilder();
    this.feeds = new Map();
    this.pending.clear();
    for (const entry of feeds) {
      entry.node = undefined;
      this.unpin(entry);
    }
  }

  /** A session that ends with the backend. */
  own(session: Session): Session {
    this.owned.add(session);
    return session;
  }

  /** Whether a session is still there: a backend may be disposed of while compiled functions live on. */
  owns(session: Session): boolean {
    return this.owned.has(session);
  }

  override dispose(): void {
    for (const session of this.owned) session.release();
    this.owned.clear();
    this.abandonGraph();
    for (const entry of this.live) {
      entry.references = 0;
      this.releaseMemory(entry);
    }
    this.live.clear();
    this.sessions.clear();
    this.store.release();
    // A process that ends with a device still open ends with a fault; the engine of the CPU has nothing to close.
    if (this.environment.accelerator !== null) this.environment.release();
  }
}
