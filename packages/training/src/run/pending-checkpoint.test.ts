import { expect, test } from "vitest";
import { pendingCheckpoint } from "./pending-checkpoint.js";

test("says once that a checkpoint is written, when it is looked at after", async () => {
  const said: number[] = [];
  const pending = pendingCheckpoint(async (step) => void said.push(step));
  let finish: () => void = () => undefined;
  const written = new Promise<void>((resolve) => {
    finish = resolve;
  });
  pending.began(5, written);
  await pending.look();
  expect(said).toEqual([]);
  finish();
  await written;
  await pending.look();
  await pending.look();
  await pending.settle();
  expect(said).toEqual([5]);
});

test("throws the error of a write at the next look, or where it is waited for, and only once", async () => {
  const pending = pendingCheckpoint(async () => expect.unreachable());
  for (const how of ["look", "settle"] as const) {
    pending.began(1, Promise.reject(new Error("the disk is full")));
    await new Promise(setImmediate);
    await expect(pending[how]()).rejects.toThrow("the disk is full");
    await pending.look();
    await pending.settle();
  }
});
