import type { LogFiles } from "@ganymede/core";
import { GanymedeError } from "@ganymede/core";

/** @throws GanymedeError `unsupported` for a run without a folder. */
export function expectFiles(files: LogFiles | null, logger: string): LogFiles {
  if (files !== null) return files;
  throw new GanymedeError(
    "unsupported",
    `${logger}: the run must have a folder to write to, but it has none; use train of @ganymede/training/node, or another logger`,
  );
}
