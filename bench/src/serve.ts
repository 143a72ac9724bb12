import { createInterface } from "node:readline";

/** Answers requests for timed runs and for memory on standard input until it ends. */
export async function serve(run: () => Promise<number>): Promise<void> {
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { do: "steps"; count: number } | { do: "memory" };
    if (request.do === "memory") {
      console.log(JSON.stringify({ mb: process.resourceUsage().maxRSS / 1024 }));
      continue;
    }
    const ms: number[] = [];
    for (let i = 0; i < request.count; i++) ms.push(await run());
    console.log(JSON.stringify({ ms }));
  }
}
