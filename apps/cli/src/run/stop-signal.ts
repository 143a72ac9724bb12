/** Asks a run to stop after its step. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

/** The part of `process` that is used. */
export interface SignalSource {
  on(name: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  off(name: "SIGINT" | "SIGTERM", listener: () => void): unknown;
  exit(code: number): void;
}

/** The first Ctrl-C (or SIGTERM) aborts the signal, so that the run saves and ends; the second quits at once. */
export function stopOnSignals(source: SignalSource, note: (text: string) => void): StopSignal {
  const controller = new AbortController();
  const listener = (): void => {
    if (controller.signal.aborted) source.exit(130);
    note("Stopping: the run is saved after this step. Ctrl-C again quits at once.");
    controller.abort();
  };
  source.on("SIGINT", listener);
  source.on("SIGTERM", listener);
  return {
    signal: controller.signal,
    release() {
      source.off("SIGINT", listener);
      source.off("SIGTERM", listener);
    },
  };
}
