import { join } from "node:path";
import type { LogFiles } from "@ganymede/core";
import type { Files } from "./files.js";
import { readIfThere } from "./files.js";

/** Files of loggers in a run folder. */
export function logFiles(files: Files, out: string): LogFiles {
  return {
    read: (name) => readIfThere(join(out, name)),
    append: (name, content) => files.append(join(out, name), content),
    replace: (name, content) => files.writeAtomic(join(out, name), [content]),
  };
}
