/** A checkpoint that is being written while training goes on. */
export interface PendingCheckpoint {
  /** @param written settles with the write. */
  began(step: number, written: Promise<void>): void;
  /** Between two steps: where the write is over, says so, or throws its error. */
  look(): Promise<void>;
  /** Waits for the write, and says so, or throws its error. */
  settle(): Promise<void>;
}

/** @param onWritten told of each checkpoint once, when it is on the disk. */
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
