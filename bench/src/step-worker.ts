import { startIterations } from "./iterations.js";
import { serve } from "./serve.js";
import type { StepSettings } from "./step-settings.js";

// Training iterations on one backend, timed in a process of their own.
await serve(await startIterations(JSON.parse(process.argv[2]!) as StepSettings));
