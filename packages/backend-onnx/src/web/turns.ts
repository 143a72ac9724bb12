/** Runs a task when all tasks before it are over. */
export type Turns = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** One queue: onnxruntime-web does one thing at a time, and mixes up its state when it is asked for two. */
export function turns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    // A task that fails tells who asked for it; the next one begins all the same.
    last = result.catch(() => undefined);
    return result;
  };
}
