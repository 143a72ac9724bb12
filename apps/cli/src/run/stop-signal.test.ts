import { describe, expect, it } from "vitest";
import type { SignalSource } from "./stop-signal.js";
import { stopOnSignals } from "./stop-signal.js";

describe("stopOnSignals", () => {
  type Name = Parameters<Parameters<SignalSource["on"]>[1]>[0];

  it("aborts at the first signal, exits at the second Ctrl-C or SIGTERM, and lets go", () => {
    const listeners: ((name: Name) => void)[] = [];
    const exits: number[] = [];
    const notes: string[] = [];
    const source = {
      on: (_: Name, listener: (name: Name) => void) => listeners.push(listener),
      off: (_: Name, listener: (name: Name) => void) => listeners.splice(listeners.indexOf(listener), 1),
      exit: (code: number) => exits.push(code),
    };
    const stop = stopOnSignals(source, (text) => notes.push(text));
    listeners[0]!("SIGHUP");
    expect([stop.signal.aborted, exits, notes.length]).toEqual([true, [], 1]);
    // A terminal that was closed sends it twice.
    listeners[0]!("SIGHUP");
    expect(exits).toEqual([]);
    listeners[1]!("SIGINT");
    expect(exits).toEqual([130]);
    stop.release();
    expect(listeners).toEqual([]);
  });
});
