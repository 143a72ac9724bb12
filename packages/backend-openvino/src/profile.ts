import type { GraphProfile, OperatorTime } from "@ganymede/core";
import koffi from "koffi";
import type { OpenvinoLibrary, Pointer } from "./library.js";

/** One entry of `ov_profiling_info_t`. */
interface Counter {
  readonly status: number;
  /** Microseconds. */
  readonly real_time: bigint | number;
  readonly exec_type: string;
  readonly node_type: string;
}

const counterType = koffi.struct({
  status: "int",
  real_time: "int64_t",
  cpu_time: "int64_t",
  node_name: "str",
  exec_type: "str",
  node_type: "str",
});

/** `OPTIMIZED_OUT` is 1, `NOT_RUN` is 0. */
const executed = 2;

/** Sums counters by operator type and by the kernel that ran it: `MatMul (brgemm_avx512_amx_bf16)`. */
export function summarizeCounters(counters: readonly Counter[]): OperatorTime[] {
  const times = new Map<string, OperatorTime>();
  for (const { status, real_time, exec_type, node_type } of counters) {
    if (status !== executed) continue;
    const operator = `${node_type} (${exec_type})`;
    const { milliseconds, calls } = times.get(operator) ?? { milliseconds: 0, calls: 0 };
    times.set(operator, { operator, milliseconds: milliseconds + Number(real_time) / 1000, calls: calls + 1 });
  }
  return [...times.values()].sort((a, b) => b.milliseconds - a.milliseconds);
}

/** The last run of a request whose model was compiled with `PERF_COUNT`. */
export function readProfile(
  library: OpenvinoLibrary,
  request: Pointer,
  runs: number,
  milliseconds: number,
): GraphProfile {
  // ov_profiling_info_list_t: the entries and their number.
  const list = new BigUint64Array(2);
  library.call("ov_infer_request_get_profiling_info", request, list);
  try {
    const counters = koffi.decode(list[0]!, counterType, Number(list[1])) as Counter[];
    return { runs, milliseconds, operators: summarizeCounters(counters) };
  } finally {
    library.release("ov_profiling_info_list_free", list);
  }
}
