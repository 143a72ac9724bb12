/** Asks a run to stop after its step. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

/** What ends a run: Ctrl-C, the system, a terminal that goes away. */
const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

type SignalName = (typeof names)[number];

/** The part of `process` that is used. */
export interface SignalSource {
  on(name: SignalName, listener: (name: SignalName) => void): unknown;
  off(name: SignalName, listener: (name: SignalName) => void): unknown;
  exit(code: number): void;
}

/** The first Ctrl-C, SIGTERM or SIGHUP aborts the signal, so that the run saves and ends; a second Ctrl-C or SIGTERM quits at once. */
export function stopOnSignals(source: SignalSource, note: (text: string) => void): StopSignal {
  const controller = new AbortController();
  const listener = (name: SignalName): void => {
    if (controller.signal.aborted) {
      // A terminal that goes away sends it twice, through the shell too, and some systems send it after SIGTERM.
      if (name !== "SIGHUP") source.exit(130);
      return;
    }
    note("Stopping: the run is saved after this step. Ctrl-C again quits at once.");
    controller.abort();
  };
  for (const name of names) source.on(name, listener);
  return {
    signal: controller.signal,
    release() {
      for (const name of names) source.off(name, listener);
    },
  };
}
