import type { ErrorCode } from "@ganymede/core/errors";
import { GanymedeError } from "@ganymede/core/errors";

/** Exit codes of the process; scripts may rely on these. */
export const exitCodes = {
  "invalid-argument": 2,
  "invalid-config": 2,
  "unknown-name": 2,
  "invalid-data": 3,
  "missing-file": 3,
  "invalid-checkpoint": 4,
  unavailable: 5,
  unsupported: 5,
  nonconforming: 5,
  "non-finite": 6,
  "file-system": 7,
  interrupted: 130,
} as const satisfies Record<ErrorCode, number>;

/** For an error that is a bug in ganymede. */
export const exitCodeUnexpected = 1;

/** The table in `--help`. */
export const exitCodeHelp = `Exit codes:
  0    done, or stopped by a callback
  1    an error in ganymede itself
  2    a wrong argument, option, configuration key or name
  3    data or a file that is missing or damaged
  4    a checkpoint that is damaged or of another model
  5    a backend or address that cannot be reached, or something it or a plugin does not do
  6    a loss or weight that is not finite
  7    a file or stream that cannot be written, or a run folder that another command has
  130  stopped by Ctrl-C, SIGTERM or SIGHUP; what was done is saved`;

/** The exit code of an error. */
export function exitCodeOf(error: unknown): number {
  return GanymedeError.is(error) ? exitCodes[error.code] : exitCodeUnexpected;
}
