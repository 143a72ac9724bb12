/** A checkpoint being written while training continues. */
export interface PendingCheckpoint {
  /** @param written settles with the write. */
  began(step: number, written: Promise<void>): void;
  /** Call between two steps: reports a finished write, or throws its error. */
  look(): Promise<void>;
  /** Waits for the write and reports it, or throws its error. */
  settle(): Promise<void>;
}

/** @param onWritten called once per checkpoint when it is on disk. */
export function pendingCheckpoint(onWritten: (step: number) => Promise<void>): PendingCheckpoint {
  let pending: { readonly step: number; readonly written: Promise<void> } | null = null;
  let isOver = false;
  const settle = async (): Promise<void> => {
    if (pending === null) return;
    const { step, written } = pending;
    try {
      await written;
    } finally {
      pending = null;
    }
    await onWritten(step);
  };
  return {
    began(step, written) {
      pending = { step, written };
      isOver = false;
      const over = () => {
        isOver = true;
      };
      written.then(over, over);
    },
    look: async () => {
      if (isOver) await settle();
    },
    settle,
  };
}
