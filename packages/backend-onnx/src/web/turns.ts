/** Runs a task after all earlier tasks have ended. */
export type Turns = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** A single queue: onnxruntime-web does one thing at a time, and corrupts its state otherwise. */
export function turns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    // The caller gets the error of a failed task; the next task starts anyway.
    last = result.catch(() => undefined);
    return result;
  };
}
