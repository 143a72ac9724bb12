import type { Entry } from "./entry.js";
import type { GraphBuilder } from "./graph/builder.js";
import type { HostArray, Value } from "./graph/value.js";

/** Constants of a traced function up to this size are compared elementwise with their first element. */
const splatLimit = 1 << 22;

/** A function being traced: its graph, and the tensors that it uses in addition to its arguments. */
export interface TraceScope {
  readonly builder: GraphBuilder;
  /** Awaited values of such tensors. */
  readonly known: ReadonlyMap<Entry, HostArray>;
  /** Such tensors whose values must be awaited; if there are any, the trace is invalid. */
  readonly missing: Set<Entry>;
  readonly constants: Map<Entry, Value>;
}

/** A constant that repeats one element is stored as that element. */
function compact(data: HostArray): HostArray {
  const elements = data as Float32Array;
  const isSplat =
    elements.length > 1 && elements.length <= splatLimit && elements.every((x) => Object.is(x, elements[0]));
  return isSplat ? data.slice(0, 1) : data;
}

/**
 * The constant for an outside tensor in the traced function.
 *
 * @param valuesNow its values, or null if they must be awaited: then a graph input replaces it.
 */
export function constantOf(trace: TraceScope, entry: Entry, valuesNow: () => HostArray | null): Value {
  const known = trace.constants.get(entry);
  if (known !== undefined) return known;
  const { type, shape } = entry;
  const data = entry.host ?? trace.known.get(entry) ?? valuesNow();
  if (data === null) trace.missing.add(entry);
  const value = data === null ? trace.builder.feed(type, shape) : trace.builder.constant(type, shape, compact(data));
  trace.constants.set(entry, value);
  return value;
}
