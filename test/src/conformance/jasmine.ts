import { createRequire } from "node:module";

/** What a finished spec tells its reporter. */
export interface SpecResult {
  readonly fullName: string;
  readonly status: "passed" | "failed" | "pending" | "excluded";
  readonly failedExpectations: readonly { readonly message: string; readonly stack?: string }[];
}

export interface JasmineEnv {
  configure(settings: { random: boolean }): void;
  clearReporters(): void;
  addReporter(reporter: { specDone?(result: SpecResult): void; jasmineDone?(): void }): void;
  execute(): void;
}

interface JasmineCore {
  boot(core: JasmineCore): { getEnv(): JasmineEnv; DEFAULT_TIMEOUT_INTERVAL: number };
}

/** Puts Jasmine's functions (describe, it, expect, ...) on the global object, where tfjs's specs look for them. */
export function installJasmine(modulePath: string): JasmineEnv {
  const core = createRequire(import.meta.url)(modulePath) as JasmineCore;
  const jasmine = core.boot(core);
  jasmine.DEFAULT_TIMEOUT_INTERVAL = 20_000;
  const env = jasmine.getEnv();
  env.configure({ random: false });
  env.clearReporters();
  return env;
}
