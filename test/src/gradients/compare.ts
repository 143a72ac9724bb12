import type { Case } from "./case.js";
import { cases } from "./cases/all.js";
import { engines } from "./engines.js";
import { type Derivatives, evaluate } from "./evaluate.js";
import { reference } from "./reference.js";

/** How far one op is off on one backend. */
export interface Row {
  readonly op: string;
  readonly backend: string;
  /** Largest difference, as a share of the largest reference value (of 1 where that is smaller), by order: values, gradient, second gradient. */
  readonly errors: readonly number[];
  /** The kernel that the backend lacks for it, or what went wrong. */
  readonly problem?: string;
}

export interface Comparison {
  readonly rows: readonly Row[];
  /** Backends that are not here, and why. */
  readonly absent: Readonly<Record<string, string>>;
}

function difference(found: readonly number[], wanted: readonly number[]): number {
  if (found.length !== wanted.length) return Number.POSITIVE_INFINITY;
  const scale = Math.max(1, ...wanted.map(Math.abs));
  const worst = Math.max(0, ...found.map((value, i) => Math.abs(value - wanted[i]!)));
  return Number.isNaN(worst) || found.some(Number.isNaN) ? Number.POSITIVE_INFINITY : worst / scale;
}

const lacking = /Kernel '(\w+)' not registered for backend/;

async function compareCase(each: Case, backend: string, wanted: Derivatives): Promise<Row> {
  try {
    const found = await evaluate(each);
    return { op: each.op, backend, errors: found.map((values, order) => difference(values, wanted[order]!)) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const [, kernel] = lacking.exec(message) ?? [];
    return {
      op: each.op,
      backend,
      errors: [],
      problem: kernel === undefined ? message.split("\n")[0]! : `lacks ${kernel}`,
    };
  }
}

export const engineIds: readonly string[] = engines().map(({ id }) => id);

/** Runs every case on every backend that is here, against float64. */
export async function compareBackends(names?: readonly string[]): Promise<Comparison> {
  const wanted = await reference();
  const rows: Row[] = [];
  const absent: Record<string, string> = {};
  for (const engine of engines().filter(({ id }) => names?.includes(id) ?? true)) {
    const reason = await engine.unavailable();
    if (reason !== null) {
      absent[engine.id] = reason;
      continue;
    }
    await engine.activate();
    for (const [i, each] of cases.entries()) rows.push(await compareCase(each, engine.id, wanted[i]!));
  }
  return { rows, absent };
}
