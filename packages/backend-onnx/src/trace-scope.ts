import type { Entry } from "./entry.js";
import type { GraphBuilder } from "./graph/builder.js";
import type { HostArray, Value } from "./graph/value.js";

/** Constants of a traced function are compared element by element with their first up to this size. */
const splatLimit = 1 << 22;

/** A function under trace: its graph, and the tensors that it uses besides its arguments. */
export interface TraceScope {
  readonly builder: GraphBuilder;
  /** Values of such tensors that were waited for. */
  readonly known: ReadonlyMap<Entry, HostArray>;
  /** Such tensors whose values must be waited for; a trace that leaves some here is not to be used. */
  readonly missing: Set<Entry>;
  readonly constants: Map<Entry, Value>;
}

/** A constant that repeats one element is that element. */
function compact(data: HostArray): HostArray {
  const elements = data as Float32Array;
  const isSplat =
    elements.length > 1 && elements.length <= splatLimit && elements.every((x) => Object.is(x, elements[0]));
  return isSplat ? data.slice(0, 1) : data;
}

/**
 * The constant that a tensor from outside is inside a traced function.
 *
 * @param valuesNow its values, or null where they must be waited for: then a place that is fed stands for it.
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
