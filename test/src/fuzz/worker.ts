import { type FuzzCase, type Outcome, readCase } from "./case.js";
import { makeSeeds } from "./seeds.js";

/** What a worker says of each file; `resident` is the most memory that its process ever held, in MiB. */
export interface WorkerAnswer {
  readonly outcome: Outcome;
  readonly resident: number;
  readonly milliseconds: number;
}

const seeds = await makeSeeds();
const folder = process.argv[2] as string;

process.on("message", (each: FuzzCase) => {
  const start = performance.now();
  void readCase(each, seeds, folder).then((outcome) => {
    const milliseconds = performance.now() - start;
    const answer: WorkerAnswer = { outcome, resident: process.resourceUsage().maxRSS / 1024, milliseconds };
    process.send?.(answer);
  });
});
process.send?.("ready");
