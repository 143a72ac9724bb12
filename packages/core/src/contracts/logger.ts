/** Where a run's numbers go. */
export interface Logger {
  /** Scalars of one step by name (`loss/d`), read back from the device. */
  scalars(step: number, values: Readonly<Record<string, number>>): void;
  /** One sentence for people. */
  message(text: string): void;
}
