import { createInterface } from "node:readline";
import { startIterations } from "./iterations.js";
import type { StepSettings } from "./step-settings.js";

/** Runs training iterations on one backend and times them, as a process of its own. */
async function main(): Promise<void> {
  const iterate = await startIterations(JSON.parse(process.argv[2]!) as StepSettings);
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { do: "steps"; count: number } | { do: "memory" };
    if (request.do === "memory") {
      console.log(JSON.stringify({ mb: process.resourceUsage().maxRSS / 1024 }));
      continue;
    }
    const ms: number[] = [];
    for (let i = 0; i < request.count; i++) ms.push(await iterate());
    console.log(JSON.stringify({ ms }));
  }
}

await main();
