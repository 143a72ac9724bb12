/** Requests a run to stop after its current step. */
export interface StopSignal {
  readonly signal: AbortSignal;
  /** Stops listening. */
  release(): void;
}

/** Signals that end a run: Ctrl-C, the system, a closed terminal. */
const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

type SignalName = (typeof names)[number];

/** The used part of `process`. */
export interface SignalSource {
  on(name: SignalName, listener: (name: SignalName) => void): unknown;
  off(name: SignalName, listener: (name: SignalName) => void): unknown;
  exit(code: number): void;
}

/** The first Ctrl-C, SIGTERM or SIGHUP aborts the signal, so that the run is saved and ends; a second Ctrl-C or SIGTERM quits immediately. */
export function stopOnSignals(source: SignalSource, note: (text: string) => void): StopSignal {
  const controller = new AbortController();
  const listener = (name: SignalName): void => {
    if (controller.signal.aborted) {
      // A closed terminal sends it twice, also through the shell, and some systems send it after SIGTERM.
      if (name !== "SIGHUP") source.exit(130);
      return;
    }
    note("Stopping: the run is saved after this step. Press Ctrl-C again to quit immediately.");
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
