import { GanymedeError } from "@ganymede/core";
import * as tf from "@tensorflow/tfjs-core";
import { EagerGraph } from "./eager-graph.js";
import type { Entry } from "./entry.js";
import { elementType, toHostArray } from "./entry.js";
import { EntryStorage } from "./entry-storage.js";
import type { GraphBuilder } from "./graph/builder.js";
import type { HostArray, Value } from "./graph/value.js";
import type { Lowering } from "./lowering/lowering.js";
import type { BatchRunner } from "./run-batch.js";
import { asyncRunner, blockingRunner } from "./run-batch.js";
import type { Buffer, Buffers, Engine, Session, TensorStore } from "./runtime/engine.js";
import type { TraceScope } from "./trace-scope.js";
import { constantOf } from "./trace-scope.js";

/**
 * A tfjs backend whose kernels do not compute but add a node to a graph. Reading a tensor runs the graph of all live tensors;
 * `compile` runs whole functions.
 */
export class OnnxBackend extends tf.KernelBackend {
  private readonly entries: EntryStorage;
  /** All entries known to tfjs, whose storage is not iterable. */
  private readonly live = new Set<Entry>();
  private readonly owned = new Set<Session>();
  private readonly eager: EagerGraph;
  private readonly runner: BatchRunner;
  private trace: TraceScope | null = null;

  /** @param id name of the backend in tfjs. */
  constructor(
    readonly id: string,
    readonly engine: Engine,
  ) {
    super();
    this.entries = new EntryStorage(this);
    this.eager = new EagerGraph(this);
    const bufferOf = (entry: Entry): Buffer => this.bufferOf(entry);
    this.runner = engine.blocking ? blockingRunner(engine, bufferOf) : asyncRunner(engine, bufferOf);
  }

  get store(): TensorStore {
    return this.engine.store;
  }

  /** Memory that runs read and write. */
  get pool(): Buffers {
    return this.store.pool;
  }

  override numDataIds(): number {
    return this.entries.size;
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

  /** Milliseconds of the function's kernels, until all are computed. */
  override async time(run: () => void): Promise<tf.BackendTimingInfo> {
    const start = performance.now();
    run();
    if (this.trace === null) await this.flush();
    return { kernelMs: performance.now() - start } as tf.BackendTimingInfo;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  /** Stores a copy of the values, because the caller may write to its array. */
  override write(values: tf.backend_util.BackendValues, shape: number[], dtype: tf.DataType): object {
    return this.adopt(this.entryOf(values, shape, dtype, 1));
  }

  override move(
    dataId: object,
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): void {
    const entry = this.entryOf(values, shape, dtype, references);
    this.entries.set(dataId, entry);
    this.live.add(entry);
  }

  private entryOf(
    values: tf.backend_util.BackendValues,
    shape: number[],
    dtype: tf.DataType,
    references: number,
  ): Entry {
    if (dtype === "string") {
      const given = (values ?? []) as readonly (string | Uint8Array)[];
      const text = given.map((item) => (typeof item === "string" ? tf.util.encodeString(item) : item));
      return { type: "uint8", shape, references, pins: 0, text };
    }
    if (dtype === "complex64") {
      const { real, imag } = tf.backend_util.splitRealAndImagArrays(values as Float32Array);
      const part = (data: Float32Array): tf.TensorInfo => ({
        dataId: this.write(data, shape, "float32"),
        shape,
        dtype: "float32",
      });
      return { type: "float32", shape, references, pins: 0, parts: { real: part(real), imag: part(imag) } };
    }
    const type = elementType(dtype);
    const host = values === null || values === undefined ? undefined : toHostArray(type, values as ArrayLike<number>);
    return { type, shape, references, pins: 0, host };
  }

  /** Creates an identity for a new entry, which tfjs uses. */
  adopt(entry: Entry): object {
    this.live.add(entry);
    return this.entries.adopt(entry);
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
    entry.references = 0;
    if (entry.parts !== undefined) {
      this.disposeData(entry.parts.real.dataId, true);
      this.disposeData(entry.parts.imag.dataId, true);
    }
    this.releaseMemory(entry);
    this.eager.forget(entry);
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

  /**
   * Engine memory with the entry's values.
   *
   * @throws GanymedeError `unsupported` if they must be awaited (`ready`).
   */
  bufferOf(entry: Entry): Buffer {
    if (entry.buffer !== undefined) return entry.buffer;
    if (entry.text !== undefined) elementType("string");
    if (entry.parts !== undefined) elementType("complex64");
    if (this.eager.holds(entry) && this.engine.blocking) this.flush();
    if (entry.buffer !== undefined) return entry.buffer;
    if (entry.failure !== undefined) throw entry.failure;
    if (this.eager.holds(entry) || entry.computing !== undefined) throw this.mustBeAwaited();
    if (entry.host === undefined && entry.node !== undefined && entry.node.builder !== this.eager.builder) {
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

  private mustBeAwaited(): GanymedeError {
    return new GanymedeError(
      "unsupported",
      `${this.id} backend: in a browser the values of a result must be awaited, got a synchronous read (dataSync, or a kernel that needs values); await tensor.data(), and create the kernel's input from the result`,
    );
  }

  /**
   * Computes all of these that are not computed yet; then `bufferOf` returns their memory or throws their error.
   *
   * @returns a promise if that is asynchronous.
   */
  ready(entries: readonly Entry[]): Promise<unknown> | undefined {
    if (entries.some((entry) => this.eager.holds(entry))) this.flush();
    const waiting = entries.filter(({ computing }) => computing !== undefined);
    // Host values are copied to the engine now, because their owner may dispose them meanwhile.
    for (const entry of entries) if (entry.host !== undefined) this.bufferOf(entry);
    return waiting.length === 0 ? undefined : Promise.all(waiting.map(({ computing }) => computing));
  }

  private refuseInTrace(): void {
    if (this.trace === null) return;
    throw new GanymedeError(
      "unsupported",
      "compile: a traced function must not read the values of tensors, got a read of one; return it and read the result",
    );
  }

  override readSync(dataId: object): tf.backend_util.BackendValues {
    const entry = this.entries.get(dataId);
    this.refuseInTrace();
    if (entry.text !== undefined) return entry.text.slice();
    if (entry.parts !== undefined) {
      const [real, imag] = [entry.parts.real, entry.parts.imag].map(
        (part) => this.readSync(part.dataId) as Float32Array,
      );
      return tf.backend_util.mergeRealAndImagArrays(real!, imag!);
    }
    if (entry.host !== undefined) return entry.host.slice() as tf.backend_util.BackendValues;
    const values = this.store.readNow(this.bufferOf(entry));
    if (values === null) throw this.mustBeAwaited();
    return values as tf.backend_util.BackendValues;
  }

  override async read(dataId: object): Promise<tf.backend_util.BackendValues> {
    if (this.engine.blocking) return this.readSync(dataId);
    const entry = this.entries.get(dataId);
    this.refuseInTrace();
    if (entry.parts !== undefined) {
      const parts = [entry.parts.real, entry.parts.imag].map(({ dataId: part }) => this.read(part));
      const [real, imag] = (await Promise.all(parts)) as Float32Array[];
      return tf.backend_util.mergeRealAndImagArrays(real!, imag!);
    }
    if (entry.text !== undefined || entry.host !== undefined) return this.readSync(dataId);
    return (await this.valuesOf(entry)) as tf.backend_util.BackendValues;
  }

  /** A copy of an entry's values, after they are computed. */
  async valuesOf(entry: Entry): Promise<HostArray> {
    if (entry.host !== undefined) return entry.host.slice() as HostArray;
    this.pin(entry);
    try {
      await this.ready([entry]);
      return await this.store.read(this.bufferOf(entry));
    } finally {
      this.unpin(entry);
    }
  }

  /** Whether a function is being traced, in which tensors have no values. */
  get tracing(): boolean {
    return this.trace !== null;
  }

  /** The graph that kernels are added to. */
  get builder(): GraphBuilder {
    return this.trace?.builder ?? this.eager.builder;
  }

  /** Runs a kernel: adds its nodes to the graph and returns its outputs. */
  record(lowering: Lowering, inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap): tf.TensorInfo | tf.TensorInfo[] {
    const b = this.builder;
    const values: Record<string, Value> = {};
    for (const [name, info] of Object.entries(inputs)) {
      if (info !== undefined && info !== null) values[name] = this.valueFor(info);
    }
    const result = lowering({ b, inputs: values, attrs });
    return Array.isArray(result) ? result.map((value) => this.wrap(value)) : this.wrap(result);
  }

  /** The value of a tensor in the graph. */
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
    const { builder } = this;
    // A tensor without elements needs no computation, and some operators of the engine crash on it.
    const empty = computed.shape.includes(0);
    const value = empty ? builder.constant(type, computed.shape, toHostArray(type, [])) : computed;
    const entry: Entry = { type, shape: value.shape, references: 1, pins: 0, node: { builder, value } };
    if (this.trace === null) this.eager.add(entry);
    return { dataId: this.adopt(entry), shape: [...value.shape], dtype: type };
  }

  /** The value of the tensor in the function being traced. */
  valueOfTensor(tensor: tf.Tensor): Value {
    return this.valueFor(tensor);
  }

  /** The value of the entry in the graph under construction. */
  private nodeOf(entry: Entry): Value {
    if (entry.node?.builder === this.builder) return entry.node.value;
    // Types that no graph supports are reported here, not when another tensor is read.
    if (entry.failure !== undefined || entry.text !== undefined || entry.parts !== undefined) this.bufferOf(entry);
    if (this.trace === null) return this.eager.feed(entry);
    // In a traced function, a tensor that is not an argument is a constant.
    return constantOf(this.trace, entry, () => this.valuesNow(entry));
  }

  /** Values of a tensor from outside the traced function, or null if they must be awaited. */
  private valuesNow(entry: Entry): HostArray | null {
    const { trace } = this;
    this.trace = null;
    try {
      const comes = this.eager.holds(entry) || entry.computing !== undefined;
      return comes && !this.engine.blocking ? null : this.store.readNow(this.bufferOf(entry));
    } finally {
      this.trace = trace;
    }
  }

  /** Runs `body` with its kernels added to the trace. */
  traceInto<Result>(trace: TraceScope, body: () => Result): Result {
    if (this.trace !== null) return body();
    this.trace = trace;
    try {
      return body();
    } finally {
      this.trace = null;
    }
  }

  /** Computes all live tensors that are not computed yet; returns a promise if that is asynchronous. */
  private flush(): Promise<void> | undefined {
    if (this.eager.isEmpty) return undefined;
    const batch = this.eager.take();
    const done = (): void => {
      for (const { entry } of batch.targets) {
        entry.computing = undefined;
        this.unpin(entry);
      }
      for (const entry of batch.feeds.values()) this.unpin(entry);
    };
    const running = this.runner.run(batch)?.then(done);
    if (running === undefined) done();
    else for (const { entry } of batch.targets) entry.computing = running;
    return running;
  }

  /** A session that is released with the backend. */
  own(session: Session): Session {
    this.owned.add(session);
    return session;
  }

  /** Whether a session still exists: compiled functions may outlive their backend. */
  owns(session: Session): boolean {
    return this.owned.has(session);
  }

  override dispose(): void {
    for (const session of this.owned) session.release();
    this.owned.clear();
    this.eager.abandon();
    for (const entry of this.live) {
      entry.references = 0;
      this.releaseMemory(entry);
    }
    this.live.clear();
    this.runner.release();
    this.engine.release();
  }
}
