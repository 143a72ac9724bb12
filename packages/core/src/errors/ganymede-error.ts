/** Kind of error; callers choose exit codes and hints by it. */
export type ErrorCode =
  | "invalid-argument"
  | "invalid-config"
  | "unknown-name"
  | "invalid-data"
  | "missing-file"
  | "invalid-checkpoint"
  | "unsupported"
  | "nonconforming"
  | "non-finite"
  | "unavailable"
  | "interrupted"
  | "file-system";

const marker = Symbol.for("ganymede.error");

/** An error of one sentence: the source, the rule, the value, and what to do. The code is its kind. */
export class GanymedeError extends Error {
  override readonly name = "GanymedeError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    Object.defineProperty(this, marker, { value: true });
  }

  /** True for errors of any installed copy of this package, unlike `instanceof`. */
  static is(error: unknown): error is GanymedeError {
    return typeof error === "object" && error !== null && marker in error;
  }
}
