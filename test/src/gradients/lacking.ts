/** Ops that a backend cannot do, each with the kernel that it lacks. The test fails for any other, and for one of these that works. */
export const lacking: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  wasm: { einsum: "lacks Einsum" },
};
