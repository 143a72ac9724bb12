import { writeSync } from "node:fs";
import { graphCost, onnxBackend } from "@ganymede/backend-onnx";
import type { ParamTree } from "@ganymede/core";
import { compile, disposeTree, GanymedeError } from "@ganymede/core";
import type { Answer, Limits } from "./settings.js";

const peakMegabytes = (): number => process.resourceUsage().maxRSS / 1024;

function print(answer: Answer): void {
  // Written at once: the process may be about to end.
  writeSync(1, `${JSON.stringify(answer)}\n`);
}

/** Ends the process, with the reason, once its peak is above the limit. The engine runs on a thread of its own, so a timer sees it. */
function watchMemory(megabytes: number): NodeJS.Timeout {
  return setInterval(() => {
    if (peakMegabytes() <= megabytes) return;
    print({ reason: `above ${megabytes} MB` });
    process.kill(process.pid, "SIGKILL");
  }, 50);
}

/** Runs a compiled function until the rounds or the seconds are used. A first run longer than all of the seconds is the only one. */
async function time(run: () => Promise<ParamTree>, { rounds, seconds }: Limits): Promise<number[]> {
  const once = async (): Promise<number> => {
    const start = performance.now();
    disposeTree(await run());
    return performance.now() - start;
  };
  const first = await once();
  if (first > seconds * 1000) return [first];
  const times: number[] = [];
  let spent = 0;
  while (times.length < rounds && spent < seconds * 1000) {
    times.push(await once());
    spent += times.at(-1) as number;
  }
  return times;
}

/**
 * Measures a function of one tree on the compiled backend and prints the answer.
 *
 * @param prepare makes the function and its tree once the backend is active; a size that does not fit the variant throws there or inside.
 */
export async function measure<Tree extends ParamTree>(
  limits: Limits,
  prepare: () => { readonly fn: (tree: Tree) => ParamTree; readonly tree: Tree },
): Promise<void> {
  await onnxBackend({ threads: limits.threads }).activate();
  const before = peakMegabytes();
  const watch = watchMemory(limits.megabytes);
  try {
    const { fn, tree } = prepare();
    const { flops, bytes } = graphCost(fn, tree);
    if (bytes / 2 ** 20 > limits.megabytes) return print({ reason: `needs ${(bytes / 1e9).toFixed(1)} GB` });
    const compiled = compile(fn);
    const milliseconds = await time(() => compiled(tree), limits);
    print({ milliseconds, megabytes: peakMegabytes() - before, gigaflops: flops / 1e9 });
  } catch (error) {
    if (!GanymedeError.is(error)) throw error;
    print({ reason: (error as GanymedeError).message });
  } finally {
    clearInterval(watch);
  }
}
