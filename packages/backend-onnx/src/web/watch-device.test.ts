import { expect, it } from "vitest";
import { watchDevice } from "./watch-device.js";

type Listener = (event: { readonly error: { readonly message: string } }) => void;

it("throws each error once, and the loss of the device from then on", async () => {
  const listeners: Listener[] = [];
  let lose = (_: { reason: string; message: string }): void => undefined;
  const lost = new Promise<{ reason: string; message: string }>((resolve) => {
    lose = resolve;
  });
  const check = watchDevice({ addEventListener: (_, listener) => void listeners.push(listener), lost });
  check();
  for (const listener of listeners) listener({ error: { message: "too large" } });
  expect(check).toThrow(/\(too large\)/);
  check();
  lose({ reason: "unknown", message: "it fell asleep" });
  await lost;
  expect(check).toThrow(/device was lost \(it fell asleep\)/);
  expect(check).toThrow(/device was lost/);
});
