let lastKept: unknown;

/** Keeps a reference alive up to this point of the program: memory that another thread reads must not be collected. */
export function keepAlive(value: unknown): void {
  lastKept = value;
  void lastKept;
}
