/** A function of a C library, as koffi binds it. */
export interface ForeignFunction<Argument> {
  (...args: Argument[]): unknown;
  async(...args: [...Argument[], (error: unknown, result: unknown) => void]): void;
}

/** The call on another thread. `check` gets the result and throws for a failure. */
export function callAside<Argument>(
  call: ForeignFunction<Argument>,
  args: readonly Argument[],
  check: (result: unknown) => void,
): Promise<void> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error, result) => {
      try {
        if (error) throw error;
        check(result);
        resolve();
      } catch (failure) {
        reject(failure);
      }
    });
  });
}

/** `pointerFrom` on another thread; the arguments live until it is done. */
export async function pointerAside<Argument>(
  call: ForeignFunction<Argument | BigUint64Array>,
  args: readonly Argument[],
  check: (result: unknown) => void,
): Promise<bigint> {
  const out = new BigUint64Array(1);
  await callAside(call, [...args, out], check);
  return out[0]!;
}

/** The pointer that the call writes through its last argument. `check` gets the result and throws for a failure. */
export function pointerFrom<Argument>(
  call: ForeignFunction<Argument | BigUint64Array>,
  args: readonly Argument[],
  check: (result: unknown) => void,
): bigint {
  const out = new BigUint64Array(1);
  check(call(...args, out));
  return out[0]!;
}
