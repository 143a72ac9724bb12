import { readFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";

/** Instructions that decide how fast products are, best first, as Linux names them. */
const vectorUnits = ["amx_bf16", "avx512_bf16", "avx512f", "avx2", "asimd"];

/** Lines of /proc/cpuinfo about the first CPU; empty where there is no such file. */
function linuxFacts(): ReadonlyMap<string, string> {
  try {
    const [first = ""] = readFileSync("/proc/cpuinfo", "utf8").split("\n\n");
    return new Map(first.split("\n").map((line) => line.split(/\s*:\s*/, 2) as [string, string]));
  } catch {
    return new Map();
  }
}

/** The CPU that figures were measured on: `Intel(R) Xeon(R) Processor (family 6, model 207), 2 cores, amx_bf16, avx512_bf16, avx512f, avx2`. */
export function machine(): string {
  const facts = linuxFacts();
  const flags = (facts.get("flags") ?? facts.get("Features") ?? "").split(" ");
  const [family, model] = [facts.get("cpu family"), facts.get("model")];
  const kind = family === undefined ? "" : ` (family ${family}, model ${model})`;
  const units = vectorUnits.filter((unit) => flags.includes(unit));
  return [`${cpus()[0]?.model.trim()}${kind}`, `${availableParallelism()} cores`, ...units].join(", ");
}
