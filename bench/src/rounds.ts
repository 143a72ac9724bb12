/** One comparison: medians over alternating rounds, so that a machine whose speed drifts slows all sides alike. */
export interface Comparison {
  readonly bench: string;
  readonly engine: string;
  readonly against: string;
  /** Median of ours / theirs, round by round; below 1 we are faster. */
  readonly ratio: number;
  readonly rounds: number;
  readonly ours_ms: number;
  readonly theirs_ms: number;
  readonly ours_mb: number;
  readonly theirs_mb: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** One side of a comparison. */
export interface Side {
  readonly name: string;
  /** Milliseconds of one timed run. */
  time(): Promise<number>;
  /** Peak resident memory in megabytes so far. */
  memory(): Promise<number>;
}

/** How often and after what a comparison measures. */
export interface Rounds {
  readonly rounds: number;
  /** Untimed runs of each side first: compilation, caches, memory. */
  readonly warmUps: number;
}

/** Threads of any side go on spinning for a while after a run, on the cores that the others need. */
const settleMilliseconds = 500;

async function settled(side: Side): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, settleMilliseconds));
  return side.time();
}

/**
 * Times all sides in turn, each after a pause in which the others come to rest, and compares each of ours with each of theirs. A side that
 * fails before the first round is left out, with the reason.
 */
export async function compareAll(
  bench: string,
  ours: readonly Side[],
  theirs: readonly Side[],
  { rounds, warmUps }: Rounds,
  log: (text: string) => void,
): Promise<Comparison[]> {
  const times = new Map<Side, number[]>();
  for (const side of [...ours, ...theirs]) {
    try {
      for (let i = 0; i < warmUps; i++) await side.time();
      times.set(side, []);
    } catch (failure) {
      log(`bench: ${side.name} is left out of ${bench}: ${(failure as Error).message}`);
    }
  }
  const sides = [...times.keys()];
  for (let round = 0; round < rounds; round++) {
    // Who goes first alternates, too: heat and other work on the machine favour no side.
    for (const side of round % 2 === 0 ? sides : [...sides].reverse()) times.get(side)!.push(await settled(side));
  }
  const rows: Comparison[] = [];
  for (const our of ours.filter((side) => times.has(side))) {
    for (const their of theirs.filter((side) => times.has(side))) {
      const [a, b] = [times.get(our)!, times.get(their)!];
      rows.push({
        bench,
        engine: our.name,
        against: their.name,
        ratio: median(a.map((ms, i) => ms / b[i]!)),
        rounds,
        ours_ms: median(a),
        theirs_ms: median(b),
        ours_mb: await our.memory(),
        theirs_mb: await their.memory(),
      });
    }
  }
  return rows;
}
