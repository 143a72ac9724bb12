/** One comparison: medians over alternating rounds, so that a machine whose speed drifts slows both sides alike. */
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

/** Threads of either side go on spinning for a while after a run, on the cores that the other side needs. */
const settleMilliseconds = 500;

async function settled(side: Side): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, settleMilliseconds));
  return side.time();
}

/**
 * Times both sides in turn, each after a pause in which the other comes to rest.
 *
 * @param warmUps untimed runs of each side first: compilation, caches, memory.
 */
export async function compare(
  bench: string,
  ours: Side,
  theirs: Side,
  rounds: number,
  warmUps: number,
): Promise<Comparison> {
  for (let i = 0; i < warmUps; i++) {
    await ours.time();
    await theirs.time();
  }
  const times: { ours: number; theirs: number }[] = [];
  for (let round = 0; round < rounds; round++) {
    // Which side goes first alternates, too: heat and other work on the machine favour neither.
    if (round % 2 === 0) times.push({ ours: await settled(ours), theirs: await settled(theirs) });
    else {
      const theirTime = await settled(theirs);
      times.push({ ours: await settled(ours), theirs: theirTime });
    }
  }
  return {
    bench,
    engine: ours.name,
    against: theirs.name,
    ratio: median(times.map((t) => t.ours / t.theirs)),
    rounds,
    ours_ms: median(times.map((t) => t.ours)),
    theirs_ms: median(times.map((t) => t.theirs)),
    ours_mb: await ours.memory(),
    theirs_mb: await theirs.memory(),
  };
}
